-- Told indicative while the share inside is not within 70–95 %, or rests on too few trials to be read.
{% set minimum_trials = 20 %}
with projected as (
    select
        indicator,
        scenario
    from {{ ref('int_projection') }}
    group by all
),

tried as (
    select
        projected.indicator,
        projected.scenario,
        count(backtest.origin_on) as trials,
        count(*) filter (where backtest.is_within_band) as within_band,
        avg(backtest.high - backtest.low) as mean_width,
        avg(backtest.interval_score) as mean_interval_score,
        sum(backtest.interval_score) / nullif(sum(backtest.actual), 0) as relative_interval_score
    from projected
    left join {{ ref('projection_backtest') }} as backtest using (indicator, scenario)
    group by all
)

select
    indicator,
    scenario,
    trials,
    within_band,
    cast(within_band / nullif(trials, 0) as double) as within_share,
    mean_width,
    mean_interval_score,
    relative_interval_score,
    trials < {{ minimum_trials }} or within_band < 0.70 * trials or within_band > 0.95 * trials as is_indicative
from tried
order by indicator, scenario desc
