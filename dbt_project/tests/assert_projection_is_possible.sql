-- Protects a committee from a figure that cannot be: every edge of a band is at least what is counted and at most what
-- could be if each usable pass served before it expires, and low ≤ median ≤ high (figures, projection).
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

counted as (
    select
        date_day as origin_on,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([cast(hours as double), people_reached, face_value_used_eur]) as value
    from {{ ref('progress_daily') }}
)

select
    published.indicator,
    published.scenario,
    published.origin_on,
    published.target_on,
    published.low,
    published.median,
    published.high,
    published.ceiling,
    counted.value as counted
from published
left join counted using (indicator, origin_on)
where published.low > published.median
    or published.median > published.high
    or published.high > published.ceiling
    or published.low < counted.value - 0.0001
    or counted.value is null
