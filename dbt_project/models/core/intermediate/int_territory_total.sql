-- Grain: one row per territory that participates or has activity. Every measure of a territory, by its rule's territory.
with activity as (
    select
        territory_code,
        sum(passes_issued) as passes_issued,
        sum(face_value_issued_eur) as face_value_issued_eur,
        sum(passes_prescribed) as passes_prescribed,
        sum(passes_used) as passes_used,
        sum(face_value_used_eur) as face_value_used_eur,
        sum(passes_expired) as passes_expired,
        sum(minutes) as minutes,
        sum(nominal_minutes) as nominal_minutes,
        sum(people_equipped) as people_equipped,
        sum(people_reached_identified) as people_reached_identified,
        sum(people_reached_anonymous) as people_reached_anonymous
    from {{ ref('int_daily_activity') }}
    group by territory_code
),

reimbursed as (
    select
        territory_code,
        sum(amount_eur) as reimbursed_eur
    from {{ ref('int_reimbursement') }}
    group by territory_code
),

-- Shares are of people equipped, among those answered oui or non at their earliest prescription.
audience as (
    select
        territory_code,
        count(*) filter (where pic_answer = 'oui') as pic_yes,
        count(*) filter (where pic_answer in ('oui', 'non')) as pic_answered,
        count(*) filter (where qpv_answer = 'oui') as qpv_yes,
        count(*) filter (where qpv_answer in ('oui', 'non')) as qpv_answered
    from {{ ref('dim_person') }}
    where is_identified
    group by territory_code
),

lieu as (
    select
        lieu.territory_code,
        count(distinct lieu.lieu_siret) as lieux_active
    from {{ ref('dim_lieu') }} as lieu
    inner join {{ ref('int_redemption') }} as redemption using (lieu_siret)
    where redemption.is_counted and not lieu.is_inferred
    group by lieu.territory_code
)

select
    territory.territory_code,
    cast(coalesce(activity.passes_issued, 0) as bigint) as passes_issued,
    cast(coalesce(activity.face_value_issued_eur, 0) as decimal(18, 2)) as face_value_issued_eur,
    cast(coalesce(activity.passes_prescribed, 0) as bigint) as passes_prescribed,
    cast(coalesce(activity.passes_used, 0) as bigint) as passes_used,
    cast(coalesce(activity.face_value_used_eur, 0) as decimal(18, 2)) as face_value_used_eur,
    cast(coalesce(activity.passes_expired, 0) as bigint) as passes_expired,
    cast(coalesce(activity.minutes, 0) as bigint) as minutes,
    cast(coalesce(activity.nominal_minutes, 0) as bigint) as nominal_minutes,
    cast(coalesce(activity.people_equipped, 0) as bigint) as people_equipped,
    cast(coalesce(activity.people_reached_identified, 0) as bigint) as people_reached_identified,
    cast(coalesce(activity.people_reached_anonymous, 0) as bigint) as people_reached_anonymous,
    cast(coalesce(reimbursed.reimbursed_eur, 0) as decimal(18, 2)) as reimbursed_eur,
    coalesce(audience.pic_yes, 0) as pic_yes,
    coalesce(audience.pic_answered, 0) as pic_answered,
    coalesce(audience.qpv_yes, 0) as qpv_yes,
    coalesce(audience.qpv_answered, 0) as qpv_answered,
    coalesce(lieu.lieux_active, 0) as lieux_active
from {{ ref('dim_territory') }} as territory
left join activity using (territory_code)
left join reimbursed using (territory_code)
left join audience using (territory_code)
left join lieu using (territory_code)
where territory.is_participating
    or activity.territory_code is not null
    or lieu.territory_code is not null
    or reimbursed.territory_code is not null
order by territory.territory_code
