-- Grain: one row per origin × target date × indicator. Median and 10–90 % band by a block bootstrap of the
-- weekly increments so far. Blocks are quarters: the pace changes by campaign and season, and shorter blocks average
-- those changes away (four-week blocks gave bands that held what happened half as often in the back-test).
-- The draws are a hash of (origin, draw, block): the same lake gives the same band.
{% set draws = 300 %}
{% set block_weeks = 13 %}
{% set history_weeks = 520 %}
{% set minimum_weeks = 13 %}
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

origin as (
    select * from {{ ref('int_projection_origin') }}
),

week as (
    select
        origin.origin_on,
        cast((origin.origin_on - activity.date_day) // 7 as integer) as weeks_before,
        sum(activity.minutes) as minutes,
        sum(activity.people_reached_identified + activity.people_reached_anonymous) as people_reached,
        sum(activity.face_value_used_eur) as face_value_used_eur
    from origin
    inner join {{ ref('int_daily_activity') }} as activity
        on activity.date_day <= origin.origin_on
        and activity.date_day > origin.origin_on - {{ 7 * history_weeks }}
    group by all
),

-- Weeks without any use are weeks too: the history runs from the first use, at most ten years back.
history as (
    select
        origin_on,
        least({{ history_weeks }}, (origin_on - first_use_on) // 7) as weeks
    from origin
    where first_use_on is not null and (origin_on - first_use_on) // 7 >= {{ minimum_weeks }}
),

target_date as (
    select
        origin.origin_on,
        cast(unnest(list_distinct(
            list_transform(
                generate_series(
                    date_trunc('month', origin.origin_on) + interval 1 month,
                    date_trunc('month', programme.mandate_ends_on) - interval 1 month,
                    interval 1 month
                ),
                lambda month_start: cast(month_start + interval 1 month - interval 1 day as date)
            ) || [programme.mandate_ends_on]
        )) as date) as target_on
    from origin
    cross join programme
    where origin.is_current
    union all
    select
        origin.origin_on,
        later.origin_on as target_on
    from origin
    inner join origin as later
        on later.origin_on > origin.origin_on
        and later.origin_on <= origin.origin_on + 366
    where not origin.is_current and not later.is_current
),

horizon as (
    select
        origin_on,
        max((target_on - origin_on + 6) // 7) as weeks_ahead
    from target_date
    where target_on > origin_on
    group by origin_on
),

step as (
    select
        horizon.origin_on,
        draw.draw_number,
        unnest(range(1, horizon.weeks_ahead + 1)) as week_number
    from horizon
    cross join (select unnest(range({{ draws }})) as draw_number) as draw
),

drawn as (
    select
        step.origin_on,
        step.draw_number,
        step.week_number,
        (
            md5_number_lower(concat_ws('|', step.origin_on, step.draw_number, (step.week_number - 1) // {{ block_weeks }}))
            % history.weeks + (step.week_number - 1) % {{ block_weeks }}
        ) % history.weeks as weeks_before
    from step
    inner join history using (origin_on)
),

path as (
    select
        drawn.origin_on,
        drawn.draw_number,
        drawn.week_number,
        sum(coalesce(week.minutes, 0)) over running as minutes,
        sum(coalesce(week.people_reached, 0)) over running as people_reached,
        sum(coalesce(week.face_value_used_eur, 0)) over running as face_value_used_eur
    from drawn
    left join week
        on drawn.origin_on = week.origin_on and drawn.weeks_before = week.weeks_before
    window running as (
        partition by drawn.origin_on, drawn.draw_number order by drawn.week_number
        rows between unbounded preceding and current row
    )
),

-- Nothing is used once the last usable pass has expired: the path stops growing there.
reading as (
    select
        target_date.origin_on,
        target_date.target_on,
        cast(greatest(
            (least(target_date.target_on, coalesce(origin.usable_until, origin.origin_on)) - origin.origin_on) // 7, 0
        ) as bigint) as week_number
    from target_date
    inner join origin using (origin_on)
    where target_date.target_on >= target_date.origin_on
),

outcome as (
    select
        reading.origin_on,
        reading.target_on,
        draw.draw_number,
        least(
            origin.minutes + coalesce(path.minutes, 0),
            origin.minutes
            + origin.usable_eur * origin.minutes / nullif(origin.face_value_used_eur, 0)
        ) / 60.0 as hours,
        least(
            origin.people_reached + coalesce(path.people_reached, 0),
            origin.people_reached + origin.unstarted_carnets
        ) as people_reached,
        least(
            origin.face_value_used_eur + coalesce(path.face_value_used_eur, 0),
            origin.face_value_used_eur + origin.usable_eur
        ) as face_value_used_eur
    from reading
    inner join origin using (origin_on)
    inner join history using (origin_on)
    cross join (select unnest(range({{ draws }})) as draw_number) as draw
    left join path
        on reading.origin_on = path.origin_on
        and reading.week_number = path.week_number
        and draw.draw_number = path.draw_number
),

measure as (
    unpivot (
        select
            origin_on,
            target_on,
            cast(hours as double) as hours,
            cast(people_reached as double) as people_reached,
            cast(face_value_used_eur as double) as face_value_used_eur
        from outcome
    ) on hours, people_reached, face_value_used_eur into name indicator value value
)

select
    measure.origin_on,
    measure.target_on,
    measure.indicator,
    quantile_cont(measure.value, 0.1) as low,
    quantile_cont(measure.value, 0.5) as median,
    quantile_cont(measure.value, 0.9) as high
from measure
group by all
order by all
