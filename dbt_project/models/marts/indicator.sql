with programme as (
    select * from {{ source('inputs', 'programme') }}
)

select
    cast(entry.rank as integer) as rank,
    entry.code,
    entry.label,
    entry.definition,
    entry.formula,
    entry.unit,
    entry.source,
    cast(case entry.target_key
        when 'budget_eur' then programme.budget_eur
        when 'hours_target' then programme.hours_target
        when 'people_target' then programme.people_target
        when 'territories_target' then programme.territories_target
        when 'lieux_target' then programme.lieux_target
        when 'state_ceiling_eur' then programme.state_ceiling_eur
        when 'pic_share_target' then programme.pic_share_target
    end as double) as target,
    entry.target_label
from {{ ref('indicator_dictionary') }} as entry
cross join programme
-- A measure without a rank is published in tables; it is no indicator of the programme.
where entry.rank is not null
order by entry.rank
