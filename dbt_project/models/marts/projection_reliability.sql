-- Told indicative while the share inside is not within the settings trust_share_min and trust_share_max (70–95 %), or
-- rests on fewer trials than trust_min_trials.
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
    tried.indicator,
    tried.scenario,
    tried.trials,
    tried.within_band,
    cast(tried.within_band / nullif(tried.trials, 0) as double) as within_share,
    tried.mean_width,
    tried.mean_interval_score,
    tried.relative_interval_score,
    tried.trials < programme.trust_min_trials
    or tried.within_band < programme.trust_share_min * tried.trials
    or tried.within_band > programme.trust_share_max * tried.trials as is_indicative
from tried
cross join {{ source('inputs', 'programme') }} as programme
order by tried.indicator, tried.scenario desc
