-- Grain: one row per date a projection is made from: as-of, and every earlier quarter's end (the back-test).
-- What was known then, and the bounds: nobody can use more than the passes still usable.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

activity_bounds as (
    select min(date_day) as first_day
    from {{ ref('int_daily_activity') }}
    where passes_used > 0
),

origin as (
    select
        programme.as_of as origin_on,
        true as is_current
    from programme
    union all
    select
        cast(quarter_start - 1 as date) as origin_on,
        false as is_current
    from (
        select
            programme.as_of,
            cast(unnest(generate_series(
                date_trunc('quarter', activity_bounds.first_day), programme.as_of, interval 3 months
            )) as date) as quarter_start
        from programme
        cross join activity_bounds
    )
    where quarter_start - 1 < as_of
),

known as (
    select
        origin.origin_on,
        any_value(origin.is_current) as is_current,
        min(activity.date_day) filter (where activity.passes_used > 0) as first_use_on,
        coalesce(sum(activity.minutes), 0) as minutes,
        coalesce(sum(activity.people_reached_identified + activity.people_reached_anonymous), 0) as people_reached,
        coalesce(sum(activity.face_value_used_eur), 0) as face_value_used_eur
    from origin
    left join {{ ref('int_daily_activity') }} as activity on activity.date_day <= origin.origin_on
    group by origin.origin_on
),

pass_cohort as (
    select
        issued_on,
        left_on,
        tolerance_until,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    group by all
),

usable_pass as (
    select
        origin.origin_on,
        sum(pass_cohort.face_value_eur) as usable_eur,
        max(pass_cohort.tolerance_until) as usable_until
    from origin
    inner join pass_cohort
        on pass_cohort.issued_on <= origin.origin_on
        and pass_cohort.tolerance_until >= origin.origin_on
        and (pass_cohort.left_on is null or pass_cohort.left_on > origin.origin_on)
    group by origin.origin_on
),

carnet_cohort as (
    select
        carnet.issued_on,
        carnet.cancelled_on,
        carnet.tolerance_until,
        first_use.first_used_on,
        count(*) as carnets
    from {{ ref('dim_carnet') }} as carnet
    left join (
        select
            carnet_number,
            min(attended_on) as first_used_on
        from {{ ref('fct_attendance') }}
        group by carnet_number
    ) as first_use using (carnet_number)
    group by all
),

usable_carnet as (
    select
        origin.origin_on,
        sum(carnet_cohort.carnets) as unstarted_carnets
    from origin
    inner join carnet_cohort
        on carnet_cohort.issued_on <= origin.origin_on
        and carnet_cohort.tolerance_until >= origin.origin_on
        and (carnet_cohort.cancelled_on is null or carnet_cohort.cancelled_on > origin.origin_on)
        and (carnet_cohort.first_used_on is null or carnet_cohort.first_used_on > origin.origin_on)
    group by origin.origin_on
)

select
    known.origin_on,
    known.is_current,
    known.first_use_on,
    known.minutes,
    known.people_reached,
    known.face_value_used_eur,
    coalesce(usable_pass.usable_eur, 0) as usable_eur,
    usable_pass.usable_until,
    coalesce(usable_carnet.unstarted_carnets, 0) as unstarted_carnets
from known
left join usable_pass using (origin_on)
left join usable_carnet using (origin_on)
