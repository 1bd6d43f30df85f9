-- Grain: one row per past origin × scenario × indicator × target date. What came between the two, of what the scenario
-- speaks of: without reissue, what the passes and carnets issued by the origin gave; with it, all that came.
with trial as (
    select
        target.origin_on,
        target.target_on
    from {{ ref('int_projection_target') }} as target
    inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
    where not origin.is_current
),

use_cohort as (
    select
        issued_on,
        used_on as date_day,
        sum(face_value_eur) as face_value_used_eur
    from {{ ref('fct_pass') }}
    where status = 'used'
    group by all
),

attendance_cohort as (
    select
        carnet.issued_on,
        attendance.attended_on as date_day,
        sum(attendance.minutes) as minutes
    from {{ ref('fct_attendance') }} as attendance
    inner join {{ ref('int_carnet_start') }} as carnet using (carnet_number)
    group by all
),

horizon as (
    select
        origin_on,
        max(target_on) as last_target_on
    from trial
    group by origin_on
),

-- A person may hold several carnets: reached by the first used of those issued by the origin, if not reached before.
person_start as (
    select
        horizon.origin_on,
        person.person_key,
        min(carnet.first_used_on) as date_day
    from horizon
    inner join {{ ref('int_carnet_start') }} as carnet
        on carnet.issued_on <= horizon.origin_on
        and carnet.first_used_on > horizon.origin_on
        and carnet.first_used_on <= horizon.last_target_on
    inner join {{ ref('dim_carnet') }} as holder using (carnet_number)
    inner join {{ ref('dim_person') }} as person
        on holder.person_key = person.person_key and person.reached_on > horizon.origin_on
    group by horizon.origin_on, person.person_key
),

start_cohort as (
    select
        origin_on,
        date_day,
        count(*) as people_reached
    from person_start
    group by all
),

given as (
    select
        trial.origin_on,
        trial.target_on,
        'face_value_used_eur' as indicator,
        sum(cohort.face_value_used_eur) as growth
    from trial
    inner join use_cohort as cohort
        on cohort.issued_on <= trial.origin_on
        and cohort.date_day > trial.origin_on
        and cohort.date_day <= trial.target_on
    group by all
    union all
    select
        trial.origin_on,
        trial.target_on,
        'hours' as indicator,
        sum(cohort.minutes) / 60.0 as growth
    from trial
    inner join attendance_cohort as cohort
        on cohort.issued_on <= trial.origin_on
        and cohort.date_day > trial.origin_on
        and cohort.date_day <= trial.target_on
    group by all
    union all
    select
        trial.origin_on,
        trial.target_on,
        'people_reached' as indicator,
        sum(cohort.people_reached) as growth
    from trial
    inner join start_cohort as cohort
        on trial.origin_on = cohort.origin_on
        and cohort.date_day <= trial.target_on
    group by all
),

origin as (
    {{ counted_at_origin() }}
)

select
    trial.origin_on,
    trial.target_on,
    scenario.scenario,
    origin.indicator,
    cast(case scenario.scenario
        when 'sans_reemission' then coalesce(given.growth, 0)
        else target.counted - origin.counted
    end as double) as growth,
    target.counted as counted_at_target
from trial
inner join origin using (origin_on)
inner join origin as target on trial.target_on = target.origin_on and origin.indicator = target.indicator
cross join {{ projection_scenarios() }}
left join given
    on trial.origin_on = given.origin_on
    and trial.target_on = given.target_on
    and origin.indicator = given.indicator
order by all
