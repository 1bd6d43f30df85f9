{{ config(materialized='view_unless_large') }}
-- Grain: one row per counted use, per attendance and per session. An attendance stands on the line that gave its
-- duration (the longest, then the smallest id), a session on that of its longest attendance.
with counted as (
    select * from {{ ref('fct_redemption') }} where is_counted
),

duration_line as (
    select
        attendance_id,
        arg_min(
            {
                'source_file_id': source_file_id,
                'source_line': source_line
            },
            (-coalesce(duration_minutes, -1), redemption_id)
        ) as line
    from counted
    group by attendance_id
),

attendance as (
    select
        attendance.*,
        duration_line.line,
        row_number() over (
            partition by attendance.lieu_siret, {{ month_of('attendance.attended_on') }}, attendance.person_key
            order by attendance.attended_on, attendance.attendance_id
        ) as visit_rank
    from {{ ref('fct_attendance') }} as attendance
    inner join duration_line using (attendance_id)
),

session as (
    select
        min(attended_on) as event_on,
        arg_min(lieu_siret, (attended_on, attendance_id)) as lieu_siret,
        arg_min(
            {
                'territory_code': territory_code,
                'minutes': minutes,
                'line': line
            },
            (-minutes, attendance_id)
        ) as longest
    from attendance
    group by session_id
)

select
    'use' as event,
    case when {{ is_reimbursed('counted.source_status') }} then 'reimbursed' else 'not_reimbursed' end as nature,
    counted.redeemed_on as event_on,
    counted.territory_code,
    carnet.territory_code as account_code,
    counted.lieu_siret,
    1 as passes,
    counted.face_value_eur,
    counted.amount_eur,
    case when len(counted.anomalies) > 0 then 1 else 0 end as passes_with_anomaly,
    counted.source_file_id,
    counted.source_line
from counted
inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
union all by name
-- A person is counted once in the month of a lieu, on their first attendance there.
select
    'attendance' as event,
    hours_source as nature,
    attended_on as event_on,
    territory_code,
    lieu_siret,
    minutes,
    case when visit_rank = 1 then 1 else 0 end as people,
    line.source_file_id,
    line.source_line
from attendance
union all by name
-- A session's hours = the longest of its attendances, once, where the first of them was held.
select
    'session' as event,
    event_on,
    longest.territory_code,
    lieu_siret,
    longest.minutes,
    longest.line.source_file_id,
    longest.line.source_line
from session
