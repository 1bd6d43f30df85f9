-- Grain: one row per origin × scenario × indicator × day: the targets, and the last usable days before the last target.
-- Growth since the origin at the pace of its last weeks: of what is usable, the share (1 − rate) a week is left, until
-- its last usable day. `reachable`: growth if all that is usable by that day served; `lapsed`: the part of it gone by then.
with stock as (
    select * from {{ ref('int_projection_stock') }}
),

scenario_target as (
    select
        target.origin_on,
        scenario.scenario,
        target.target_on
    from {{ ref('int_projection_target') }} as target
    inner join {{ ref('int_projection_pace') }} as pace using (origin_on)
    cross join {{ projection_scenarios() }}
),

point as (
    select
        origin_on,
        scenario,
        target_on as day_on
    from scenario_target
    union
    select
        stock.origin_on,
        stock.scenario,
        stock.last_usable_on as day_on
    from stock
    inner join (
        select
            origin_on,
            max(target_on) as last_target_on
        from {{ ref('int_projection_target') }}
        group by origin_on
    ) as horizon using (origin_on)
    inner join {{ ref('int_projection_pace') }} using (origin_on)
    where stock.last_usable_on < horizon.last_target_on
),

served as (
    select
        point.origin_on,
        point.scenario,
        point.day_on,
        stock.passes,
        stock.face_value_eur,
        stock.carnets,
        stock.last_usable_on <= point.day_on as has_lapsed,
        pace.minutes_per_use,
        pace.people_per_start,
        (least(point.day_on, stock.last_usable_on) - stock.available_on) / 7.0 as weeks,
        1 - power(1 - pace.use_rate, weeks) as used_share,
        1 - power(1 - coalesce(pace.start_rate, 0), weeks) as started_share
    from point
    inner join {{ ref('int_projection_pace') }} as pace using (origin_on)
    left join stock
        on point.origin_on = stock.origin_on
        and point.scenario = stock.scenario
        and stock.available_on <= point.day_on
),

amount as (
    select
        origin_on,
        scenario,
        day_on,
        has_lapsed,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([
            passes * used_share * minutes_per_use / 60,
            carnets * started_share * coalesce(people_per_start, 0),
            face_value_eur * used_share
        ]) as growth,
        unnest([passes * minutes_per_use / 60, carnets, face_value_eur]) as reachable
    from served
)

select
    origin_on,
    scenario,
    indicator,
    day_on,
    (day_on - origin_on) / 7.0 as weeks,
    cast(coalesce(sum(growth), 0) as double) as growth,
    cast(coalesce(sum(reachable), 0) as double) as reachable,
    cast(coalesce(sum(reachable) filter (where has_lapsed), 0) as double) as lapsed
from amount
group by all
order by all
