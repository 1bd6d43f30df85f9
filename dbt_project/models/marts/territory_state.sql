-- What territory_state_month says of the date of the data.
select
    territory.territory_code,
    territory.territory_name,
    territory.ami,
    known.passes_usable,
    known.last_used_on,
    known.is_recently_active,
    known.state
from {{ ref('territory_state_month') }} as known
inner join {{ ref('dim_territory') }} as territory using (territory_code)
where known.month = {{ month_of(as_of()) }}
order by territory.territory_code
