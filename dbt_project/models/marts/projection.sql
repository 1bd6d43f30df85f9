select
    projection.indicator,
    projection.scenario,
    projection.target_on,
    projection.target_on = programme.mandate_ends_on as is_mandate_end,
    projection.low,
    projection.median,
    projection.high,
    projection.ceiling,
    indicator.target,
    projection.origin_on as as_of
from {{ ref('int_projection') }} as projection
inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
inner join {{ ref('indicator') }} as indicator on projection.indicator = indicator.code
cross join {{ source('inputs', 'programme') }} as programme
where origin.is_current
order by indicator.rank, projection.scenario desc, projection.target_on
