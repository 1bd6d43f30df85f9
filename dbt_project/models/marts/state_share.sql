-- What the State owes by a month's end is of what is used by then; what is left to call is that less what it paid.
with monthly as (
    select
        {{ month_of('date_day') }} as month,
        {{ euros_of('state_share_due_eur') }} as face_value_used_eur,
        {{ euros_of('received_state_eur') }} as received_eur
    from {{ ref('int_daily_measure') }}
    where indicator in ('state_share_due_eur', 'received_state_eur')
    group by all
),

{{ months_of_account() }},

running as (
    select
        calendar.month,
        coalesce(monthly.face_value_used_eur, 0) as face_value_used_eur,
        coalesce(monthly.received_eur, 0) as received_eur,
        coalesce(sum(monthly.face_value_used_eur) over by_month, 0) as used_total_eur,
        coalesce(sum(monthly.received_eur) over by_month, 0) as received_total_eur
    from calendar
    left join monthly using (month)
    window by_month as (order by calendar.month)
),

due as (
    select
        running.*,
        {{ state_share_of('running.used_total_eur') }} as due_total_eur,
        programme.state_ceiling_eur
    from running
    cross join {{ source('inputs', 'programme') }} as programme
)

select
    month,
    cast(face_value_used_eur as decimal(18, 2)) as face_value_used_eur,
    cast(due_total_eur - lag(due_total_eur, 1, 0) over by_month as decimal(18, 2)) as due_eur,
    cast(received_eur as decimal(18, 2)) as received_eur,
    cast(used_total_eur as decimal(18, 2)) as face_value_used_total_eur,
    due_total_eur,
    cast(received_total_eur as decimal(18, 2)) as received_total_eur,
    cast(due_total_eur - received_total_eur as decimal(18, 2)) as to_call_eur,
    due_total_eur >= state_ceiling_eur as is_at_ceiling
from due
window by_month as (order by month)
order by month
