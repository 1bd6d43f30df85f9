with redeemed as (
    select
        redemption.lieu_siret,
        {{ month_of('redemption.redeemed_on') }} as month,
        count(*) as passes_used,
        sum(redemption.face_value_eur) as face_value_used_eur,
        sum(redemption.amount_eur) as amount_eur,
        count(*) filter (where len(redemption.anomalies) > 0) as passes_with_anomaly
    from {{ ref('fct_redemption') }} as redemption
    where redemption.is_counted
    group by all
),

reimbursed as (
    select
        lieu_siret,
        {{ month_of('redeemed_on') }} as month,
        sum(amount_eur) as reimbursed_eur
    from {{ ref('int_reimbursement') }}
    group by all
),

attended as (
    select
        attendance.lieu_siret,
        {{ month_of('attendance.attended_on') }} as month,
        count(*) as attendances,
        sum(attendance.minutes) as minutes,
        count(distinct carnet_person.person_key) as people_reached
    from {{ ref('fct_attendance') }} as attendance
    inner join {{ ref('int_carnet_person') }} as carnet_person using (carnet_number)
    group by all
),

session as (
    select
        arg_min(lieu_siret, (attended_on, attendance_id)) as lieu_siret,
        {{ month_of('min(attended_on)') }} as month,
        max(minutes) as minutes
    from {{ ref('fct_attendance') }}
    group by session_id
),

held as (
    select
        lieu_siret,
        month,
        count(*) as sessions,
        sum(minutes) as session_minutes
    from session
    group by all
),

activity as (
    select * from redeemed
    union all by name
    select * from reimbursed
    union all by name
    select * from attended
    union all by name
    select * from held
)

select
    activity.lieu_siret,
    activity.month,
    lieu.lieu_name,
    lieu.territory_code,
    lieu.is_inferred,
    cast(coalesce(sum(activity.passes_used), 0) as bigint) as passes_used,
    cast(coalesce(sum(activity.face_value_used_eur), 0) as decimal(18, 2)) as face_value_used_eur,
    cast(coalesce(sum(activity.amount_eur), 0) as decimal(18, 2)) as amount_eur,
    cast(coalesce(sum(activity.reimbursed_eur), 0) as decimal(18, 2)) as reimbursed_eur,
    cast(coalesce(sum(activity.passes_with_anomaly), 0) as bigint) as passes_with_anomaly,
    cast(coalesce(sum(activity.attendances), 0) as bigint) as attendances,
    {{ hours_of('sum(activity.minutes)') }} as hours,
    cast(coalesce(sum(activity.people_reached), 0) as bigint) as people_reached,
    cast(coalesce(sum(activity.sessions), 0) as bigint) as sessions,
    {{ hours_of('sum(activity.session_minutes)') }} as session_hours
from activity
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
group by all
order by activity.lieu_siret, activity.month
