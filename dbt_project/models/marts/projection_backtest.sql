-- What the projection would have said at each past quarter's end, and what came since of what its scenario speaks of.
-- Interval score of an 80 % band: its width, and ten times what came outside it.
with trial as (
    select
        projection.*,
        projection.counted + outcome.growth as actual,
        outcome.counted_at_target as actual_total
    from {{ ref('int_projection') }} as projection
    inner join {{ ref('int_projection_outcome') }} as outcome using (origin_on, scenario, indicator, target_on)
)

select
    indicator,
    scenario,
    origin_on,
    target_on,
    low,
    median,
    high,
    ceiling,
    actual,
    actual_total,
    actual between low and high as is_within_band,
    high - low + 10 * greatest(low - actual, actual - high, 0) as interval_score
from trial
order by indicator, scenario desc, origin_on, target_on
