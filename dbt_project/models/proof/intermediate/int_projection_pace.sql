-- Grain: one row per origin with history enough. The pace of its last 26 weeks, or of those there are: uses a usable
-- pass-week, first uses a carnet-week not yet started, minutes a use, new people a carnet started.
-- A pass is usable from its issue until it leaves or its last usable day, whichever comes first.
{% set minimum_days = 13 * 7 %}
with origin as (
    select
        origin_on,
        greatest(origin_on - {{ pace_window_days() }}, cast(first_use_on - 1 as date)) as since
    from {{ ref('int_projection_origin') }}
    where origin_on - first_use_on >= {{ minimum_days }}
),

pass_cohort as (
    select
        issued_on,
        least(left_on, tolerance_until) as until,
        count(*) as passes
    from {{ ref('fct_pass') }}
    group by all
),

pass_weeks as (
    select
        origin.origin_on,
        sum(pass_cohort.passes * (
            least(pass_cohort.until, origin.origin_on) - greatest(pass_cohort.issued_on, origin.since)
        )) / 7.0 as weeks
    from origin
    inner join pass_cohort on pass_cohort.issued_on < origin.origin_on and pass_cohort.until > origin.since
    where least(pass_cohort.until, origin.origin_on) > greatest(pass_cohort.issued_on, origin.since)
    group by origin.origin_on
),

carnet_cohort as (
    select
        issued_on,
        least(first_used_on, cancelled_on, tolerance_until) as until,
        first_used_on,
        count(*) as carnets
    from {{ ref('int_carnet_start') }}
    group by all
),

carnet_weeks as (
    select
        origin.origin_on,
        sum(carnet_cohort.carnets * (
            least(carnet_cohort.until, origin.origin_on) - greatest(carnet_cohort.issued_on, origin.since)
        )) / 7.0 as weeks
    from origin
    inner join carnet_cohort on carnet_cohort.issued_on < origin.origin_on and carnet_cohort.until > origin.since
    where least(carnet_cohort.until, origin.origin_on) > greatest(carnet_cohort.issued_on, origin.since)
    group by origin.origin_on
),

started as (
    select
        origin.origin_on,
        sum(carnet_cohort.carnets) as carnets
    from origin
    inner join carnet_cohort
        on carnet_cohort.first_used_on > origin.since
        and carnet_cohort.first_used_on <= origin.origin_on
    group by origin.origin_on
),

activity as (
    select
        origin.origin_on,
        {{ count_of('passes_used') }} as passes_used,
        {{ count_of('hours') }} as minutes,
        {{ count_of('people_reached') }} as people_reached
    from origin
    inner join {{ ref('int_daily_measure') }} as daily
        on daily.date_day > origin.since
        and daily.date_day <= origin.origin_on
    group by origin.origin_on
)

select
    origin.origin_on,
    -- least() passes over a null: without a usable pass-week there is no pace, not a pace of 1.
    least(cast(coalesce(activity.passes_used / nullif(pass_weeks.weeks, 0), 0) as double), 1.0) as use_rate,
    least(cast(coalesce(started.carnets / nullif(carnet_weeks.weeks, 0), 0) as double), 1.0) as start_rate,
    cast(activity.minutes / nullif(activity.passes_used, 0) as double) as minutes_per_use,
    case
        when started.carnets > 0 then least(cast(activity.people_reached / started.carnets as double), 1.0)
    end as people_per_start
from origin
left join activity using (origin_on)
left join pass_weeks using (origin_on)
left join carnet_weeks using (origin_on)
left join started using (origin_on)
order by origin.origin_on
