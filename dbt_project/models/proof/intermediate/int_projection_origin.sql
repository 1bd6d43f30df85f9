-- Grain: one row per date a projection is made from: as-of, and every earlier quarter's end (the back-test), with what
-- was counted by then.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

activity as (
    select
        date_day,
        {{ count_of('passes_used') }} as passes_used,
        {{ count_of('hours') }} as minutes,
        {{ count_of('people_reached') }} as people_reached,
        {{ euros_of('face_value_used_eur') }} as face_value_used_eur
    from {{ ref('int_daily_measure') }}
    group by date_day
),

activity_bounds as (
    select min(date_day) as first_day
    from activity
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
)

select
    origin.origin_on,
    any_value(origin.is_current) as is_current,
    min(activity.date_day) filter (where activity.passes_used > 0) as first_use_on,
    cast(coalesce(sum(activity.minutes), 0) / 60.0 as double) as hours,
    cast(coalesce(sum(activity.people_reached), 0) as double) as people_reached,
    cast(coalesce(sum(activity.face_value_used_eur), 0) as double) as face_value_used_eur
from origin
left join activity on activity.date_day <= origin.origin_on
group by origin.origin_on
order by origin.origin_on
