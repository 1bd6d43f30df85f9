-- Protects a committee from a figure that cannot be: every edge of a band is at least what is counted and at most what
-- could be if each usable pass served before it expires, low ≤ median ≤ high, and no edge falls from one date to a later
-- one (figures, projection).
{{ config(meta={
    'code': 'PN-320', 'owner': 'MGP',
    'sentence': "Aucune projection n'est impossible : ni moins que ce qui est compté, ni plus que si chaque pass valable servait.",
    'dagster': {'ref': {'name': 'projection'}},
}) }}
with published as (
    select indicator, scenario, as_of as origin_on, target_on, low, median, high, ceiling
    from {{ ref('projection') }}
    union all
    select indicator, scenario, origin_on, target_on, low, median, high, ceiling
    from {{ ref('projection_backtest') }}
),

in_time as (
    select
        *,
        lag(low) over later as low_before,
        lag(median) over later as median_before,
        lag(high) over later as high_before
    from published
    window later as (partition by indicator, scenario, origin_on order by target_on)
),

counted as (
    select
        date_day as origin_on,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([cast(hours as double), people_reached, face_value_used_eur]) as value
    from {{ ref('progress_daily') }}
)

select
    in_time.indicator,
    in_time.scenario,
    in_time.origin_on,
    in_time.target_on,
    in_time.low,
    in_time.median,
    in_time.high,
    in_time.ceiling,
    counted.value as counted
from in_time
left join counted using (indicator, origin_on)
where in_time.low > in_time.median
    or in_time.median > in_time.high
    or in_time.high > in_time.ceiling
    or in_time.low < counted.value - 0.0001
    or counted.value is null
    or in_time.low < in_time.low_before
    or in_time.median < in_time.median_before
    or in_time.high < in_time.high_before
