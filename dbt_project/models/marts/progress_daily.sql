with change as (
    select
        date_day,
        {{ count_of('passes_issued') }} as passes_issued,
        {{ count_of('passes_prescribed') }} as passes_prescribed,
        {{ count_of('passes_used') }} as passes_used,
        {{ count_of('passes_expired') }} as passes_expired,
        {{ euros_of('face_value_used_eur') }} as face_value_used_eur,
        {{ count_of('hours') }} as minutes,
        {{ count_of('people_equipped') }} as people_equipped,
        {{ count_of('people_reached') }} as people_reached,
        {{ euros_of('budget_committed_eur') }} as budget_committed_eur,
        {{ euros_of('budget_paid_eur') }} as budget_paid_eur
    from {{ ref('int_daily_measure') }}
    group by date_day
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
)

select
    date_day,
    cast(coalesce(sum(change.passes_issued) over day, 0) as bigint) as passes_issued,
    cast(coalesce(sum(change.passes_prescribed) over day, 0) as bigint) as passes_prescribed,
    cast(coalesce(sum(change.passes_used) over day, 0) as bigint) as passes_used,
    cast(coalesce(sum(change.passes_expired) over day, 0) as bigint) as passes_expired,
    cast(coalesce(sum(change.face_value_used_eur) over day, 0) as decimal(18, 2)) as face_value_used_eur,
    {{ hours_of('sum(change.minutes) over day') }} as hours,
    cast(coalesce(sum(change.people_equipped) over day, 0) as bigint) as people_equipped,
    cast(coalesce(sum(change.people_reached) over day, 0) as bigint) as people_reached,
    cast(coalesce(sum(change.budget_committed_eur) over day, 0) as decimal(18, 2)) as budget_committed_eur,
    cast(coalesce(sum(change.budget_paid_eur) over day, 0) as decimal(18, 2)) as budget_paid_eur
from calendar
left join change using (date_day)
window day as (order by date_day rows between unbounded preceding and current row)
order by date_day
