-- Grain: one row per origin × scenario × indicator × target date. The 10–90 % band around the growth projected, and last
-- and always what is possible: after a last usable day, no more growth than what survives it; in all, no more than what
-- can be used. What is counted is certain: the band is on the growth alone, and a cumulative value never falls.
{% set tenth = 1.2816 %}
with origin as (
    {{ counted_at_origin() }}
),

band as (
    select
        growth.*,
        {{ tenth }} * error.sigma * power(growth.weeks / 13, 0.25) as spread
    from {{ ref('int_projection_growth') }} as growth
    inner join {{ ref('int_projection_error') }} as error using (origin_on, scenario, indicator)
),

raw as (
    select
        *,
        unnest(['low', 'median', 'high']) as edge,
        unnest([growth * exp(-spread), growth, growth * exp(spread)]) as edge_growth
    from band
),

-- A band that narrows by its opening does not take back what it said: each edge is its largest so far.
cumulative as (
    select
        origin_on,
        scenario,
        indicator,
        day_on,
        edge,
        reachable,
        lapsed,
        max(edge_growth) over so_far as edge_growth
    from raw
    window so_far as (
        partition by origin_on, scenario, indicator, edge order by day_on
        rows between unbounded preceding and current row
    )
),

-- Whatever day d is taken before: growth(d) + what can be used by the target and had not lapsed by d.
possible as (
    select
        origin_on,
        scenario,
        indicator,
        day_on,
        edge,
        reachable,
        least(edge_growth, reachable + least(0, min(edge_growth - lapsed) over so_far)) as growth
    from cumulative
    window so_far as (
        partition by origin_on, scenario, indicator, edge order by day_on
        rows between unbounded preceding and current row
    )
)

select
    possible.origin_on,
    possible.scenario,
    possible.indicator,
    possible.day_on as target_on,
    any_value(origin.counted) as counted,
    max(greatest(origin.counted, round(origin.counted + possible.growth, 4))) filter (where edge = 'low') as low,
    max(greatest(origin.counted, round(origin.counted + possible.growth, 4))) filter (where edge = 'median') as median,
    max(greatest(origin.counted, round(origin.counted + possible.growth, 4))) filter (where edge = 'high') as high,
    any_value(greatest(origin.counted, round(origin.counted + possible.reachable, 4))) as ceiling
from possible
inner join origin using (origin_on, indicator)
semi join {{ ref('int_projection_target') }} as target
    on possible.origin_on = target.origin_on and possible.day_on = target.target_on
group by possible.origin_on, possible.scenario, possible.indicator, possible.day_on
order by all
