-- Grain: one row per origin × scenario × indicator. The spread σ of the projection's own errors that were known by the
-- origin: σ² = (4 σ₀² + Σ w r²) / (4 + Σ w), r = the log of what came over what was projected, w = 13 / weeks ahead.
-- A growth under one unit (an hour, a person, a euro) counts for one: zero has no logarithm.
{% set prior = 0.45 %}
{% set prior_weight = 4 %}
with past as (
    select
        growth.scenario,
        growth.indicator,
        growth.day_on as known_on,
        13 / growth.weeks as weight,
        ln(greatest(outcome.growth, 1) / greatest(growth.growth, 1)) as error
    from {{ ref('int_projection_growth') }} as growth
    inner join {{ ref('int_projection_outcome') }} as outcome
        on growth.origin_on = outcome.origin_on
        and growth.scenario = outcome.scenario
        and growth.indicator = outcome.indicator
        and growth.day_on = outcome.target_on
),

asked as (
    select
        origin_on,
        scenario,
        indicator
    from {{ ref('int_projection_growth') }}
    group by all
)

select
    asked.origin_on,
    asked.scenario,
    asked.indicator,
    round(sqrt(
        ({{ prior_weight }} * {{ prior }} * {{ prior }} + coalesce(sum(past.weight * past.error * past.error), 0))
        / ({{ prior_weight }} + coalesce(sum(past.weight), 0))
    ), 6) as sigma
from asked
left join past
    on asked.indicator = past.indicator
    and asked.scenario = past.scenario
    and past.known_on <= asked.origin_on
group by all
order by all
