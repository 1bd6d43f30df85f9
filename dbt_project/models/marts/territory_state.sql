-- The first state that holds: never used, nothing left to use, quiet, active.
with usable as (
    select
        territory_code,
        cast(sum(passes) as bigint) as passes_usable
    from {{ ref('pass_lifecycle') }}
    where status in ('in_stock', 'with_prescriber', 'prescribed')
    group by territory_code
),

used as (
    select
        territory_code,
        max(date_day) as last_used_on
    from {{ ref('int_daily_measure') }}
    where indicator = 'passes_used'
    group by territory_code
)

select
    territory.territory_code,
    territory.territory_name,
    territory.ami,
    coalesce(usable.passes_usable, 0) as passes_usable,
    used.last_used_on,
    coalesce(used.last_used_on >= programme.quiet_since, false) as is_recently_active,
    case
        when used.last_used_on is null then 'never'
        when coalesce(usable.passes_usable, 0) = 0 then 'exhausted'
        when used.last_used_on < programme.quiet_since then 'quiet'
        else 'active'
    end as state
from {{ ref('dim_territory') }} as territory
cross join {{ ref('programme') }} as programme
left join usable using (territory_code)
left join used using (territory_code)
where territory.is_participating
order by territory.territory_code
