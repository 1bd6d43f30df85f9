-- Grain: one row. Every indicator of the programme, computed once.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

passes as (
    select
        count(*) as passes_issued,
        count(*) filter (where is_prescribed) as passes_prescribed,
        count(*) filter (where status = 'used') as passes_used,
        count(*) filter (where status = 'expired') as passes_expired,
        coalesce(sum(face_value_eur), 0) as face_value_issued_eur,
        coalesce(sum(face_value_eur) filter (where status = 'used'), 0) as face_value_used_eur,
        count(distinct use_territory_code) filter (
            where status = 'used' and use_territory_code in (
                select code_insee from {{ source('inputs', 'territory') }}
            )
        ) as territories_active
    from {{ ref('fct_pass') }}
),

budget as (
    select
        coalesce(sum(budget_committed_eur), 0) as budget_committed_eur,
        coalesce(sum(budget_paid_eur), 0) as budget_paid_eur
    from {{ ref('int_daily_budget') }}
),

reimbursed as (
    select coalesce(sum(amount_eur), 0) as reimbursed_eur
    from {{ ref('int_reimbursement') }}
),

attendance as (
    select
        sum(minutes) as minutes,
        sum(minutes) filter (where hours_source = 'nominal') as nominal_minutes
    from {{ ref('fct_attendance') }}
),

-- A session's hours = the longest of its attendances.
session_duration as (
    select max(minutes) as minutes
    from {{ ref('fct_attendance') }}
    group by session_id
),

session_total as (
    select sum(minutes) as minutes from session_duration
),

people as (
    select
        count(*) filter (where is_identified) as people_equipped,
        count(*) filter (where is_identified and reached_on is not null) as people_reached_identified,
        count(*) filter (where not is_identified) as people_reached_anonymous,
        count(*) filter (where is_identified and pic_answer = 'oui') as pic_yes,
        count(*) filter (where is_identified and pic_answer in ('oui', 'non')) as pic_answered,
        count(*) filter (where is_identified and qpv_answer = 'oui') as qpv_yes,
        count(*) filter (where is_identified and qpv_answer in ('oui', 'non')) as qpv_answered
    from {{ ref('dim_person') }}
),

lieu as (
    select count(distinct lieu.lieu_siret) as lieux_active
    from {{ ref('dim_lieu') }} as lieu
    inner join {{ ref('int_redemption') }} as redemption using (lieu_siret)
    where redemption.is_counted and not lieu.is_inferred
)

select
    programme.as_of,
    budget.budget_committed_eur,
    budget.budget_paid_eur,
    passes.passes_issued,
    passes.passes_prescribed,
    passes.passes_used,
    passes.passes_expired,
    passes.face_value_issued_eur,
    passes.face_value_used_eur,
    reimbursed.reimbursed_eur,
    -- State share due = min(rate × in use, ceiling)
    cast(least(programme.state_rate * passes.face_value_used_eur, programme.state_ceiling_eur) as decimal(18, 2))
        as state_share_due_eur,
    {{ hours_of('attendance.minutes') }} as hours,
    {{ hours_of('attendance.nominal_minutes') }} as hours_nominal,
    {{ hours_of('session_total.minutes') }} as session_hours,
    people.people_equipped,
    people.people_reached_identified + people.people_reached_anonymous as people_reached,
    people.people_reached_identified,
    people.people_reached_anonymous,
    people.pic_yes / nullif(people.pic_answered, 0) as pic_share,
    people.qpv_yes / nullif(people.qpv_answered, 0) as qpv_share,
    people.pic_answered / nullif(people.people_equipped, 0) as pic_answered_share,
    people.qpv_answered / nullif(people.people_equipped, 0) as qpv_answered_share,
    passes.territories_active,
    lieu.lieux_active
from programme
cross join passes
cross join budget
cross join reimbursed
cross join attendance
cross join session_total
cross join people
cross join lieu
