with activity as (
    select
        date_day,
        sum(passes_issued) as passes_issued,
        sum(passes_prescribed) as passes_prescribed,
        sum(passes_used) as passes_used,
        sum(passes_expired) as passes_expired,
        sum(face_value_used_eur) as face_value_used_eur,
        sum(minutes) as minutes,
        sum(people_equipped) as people_equipped,
        sum(people_reached_identified + people_reached_anonymous) as people_reached
    from {{ ref('int_daily_activity') }}
    group by date_day
),

budget as (
    select
        date_day,
        budget_committed_eur,
        budget_paid_eur
    from {{ ref('int_daily_budget') }}
),

change as (
    select * from activity
    union all by name
    select * from budget
),

bounds as (
    select
        coalesce(least(min(change.date_day), any_value(programme.agreement_signed_on)),
            any_value(programme.agreement_signed_on)) as first_day,
        any_value(programme.as_of) as as_of
    from {{ source('inputs', 'programme') }} as programme
    left join change on true
),

calendar as (
    select cast(unnest(generate_series(first_day, greatest(as_of, first_day), interval 1 day)) as date) as date_day
    from bounds
),

per_day as (
    select
        calendar.date_day,
        coalesce(sum(change.passes_issued), 0) as passes_issued,
        coalesce(sum(change.passes_prescribed), 0) as passes_prescribed,
        coalesce(sum(change.passes_used), 0) as passes_used,
        coalesce(sum(change.passes_expired), 0) as passes_expired,
        coalesce(sum(change.face_value_used_eur), 0) as face_value_used_eur,
        coalesce(sum(change.minutes), 0) as minutes,
        coalesce(sum(change.people_equipped), 0) as people_equipped,
        coalesce(sum(change.people_reached), 0) as people_reached,
        coalesce(sum(change.budget_committed_eur), 0) as budget_committed_eur,
        coalesce(sum(change.budget_paid_eur), 0) as budget_paid_eur
    from calendar
    left join change using (date_day)
    group by calendar.date_day
)

select
    date_day,
    cast(sum(passes_issued) over day as bigint) as passes_issued,
    cast(sum(passes_prescribed) over day as bigint) as passes_prescribed,
    cast(sum(passes_used) over day as bigint) as passes_used,
    cast(sum(passes_expired) over day as bigint) as passes_expired,
    cast(sum(face_value_used_eur) over day as decimal(18, 2)) as face_value_used_eur,
    {{ hours_of('sum(minutes) over day') }} as hours,
    cast(sum(people_equipped) over day as bigint) as people_equipped,
    cast(sum(people_reached) over day as bigint) as people_reached,
    cast(sum(budget_committed_eur) over day as decimal(18, 2)) as budget_committed_eur,
    cast(sum(budget_paid_eur) over day as decimal(18, 2)) as budget_paid_eur
from per_day
window day as (order by date_day rows between unbounded preceding and current row)
order by date_day
