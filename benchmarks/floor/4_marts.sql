-- The marts, but those of the projection, from the core tables.

create schema marts;

create table marts.programme as
select *, (date_trunc('month', as_of) - to_months(quiet_months - 1))::date as quiet_since from programme;

create temp table daily as
with change as (
    select
        issued_on as date_day, territory_code,
        sum(pass_count) as passes_issued, sum(pass_count * face_value_eur) as face_value_issued_eur
    from core.dim_carnet group by all
    union all by name
    select prescribed_on as date_day, use_territory_code as territory_code, sum(pass_count) as passes_prescribed
    from core.dim_carnet where holding_prescription_id is not null group by all
    union all by name
    select
        used_on as date_day, use_territory_code as territory_code,
        count(*) as passes_used, sum(face_value_eur) as face_value_used_eur
    from core.fct_pass where status = 'used' group by all
    union all by name
    select left_on as date_day, territory_code, count(*) as passes_expired
    from core.fct_pass where status = 'expired' group by all
    union all by name
    select
        attended_on as date_day, territory_code, sum(minutes) as minutes,
        sum(minutes) filter (where hours_source = 'nominal') as nominal_minutes, count(*) as attendances
    from core.fct_attendance group by all
    union all by name
    select equipped_on as date_day, territory_code, count(*) as people_equipped
    from core.dim_person where is_identified group by all
    union all by name
    select
        reached_on as date_day, territory_code,
        count(*) filter (where is_identified) as people_reached_identified,
        count(*) filter (where not is_identified) as people_reached_anonymous
    from core.dim_person where reached_on is not null group by all
)
select
    date_day, territory_code,
    coalesce(sum(passes_issued), 0)::bigint as passes_issued,
    coalesce(sum(face_value_issued_eur), 0)::decimal(18, 2) as face_value_issued_eur,
    coalesce(sum(passes_prescribed), 0)::bigint as passes_prescribed,
    coalesce(sum(passes_used), 0)::bigint as passes_used,
    coalesce(sum(face_value_used_eur), 0)::decimal(18, 2) as face_value_used_eur,
    coalesce(sum(passes_expired), 0)::bigint as passes_expired,
    coalesce(sum(minutes), 0)::bigint as minutes,
    coalesce(sum(nominal_minutes), 0)::bigint as nominal_minutes,
    coalesce(sum(attendances), 0)::bigint as attendances,
    coalesce(sum(people_equipped), 0)::bigint as people_equipped,
    coalesce(sum(people_reached_identified), 0)::bigint as people_reached_identified,
    coalesce(sum(people_reached_anonymous), 0)::bigint as people_reached_anonymous
from change
group by date_day, territory_code;

create temp table daily_budget as
select
    entered_on as date_day,
    coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0) as budget_committed_eur,
    coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0)
    - coalesce(sum(amount_incl_tax_eur) filter (where nature = 'avoir'), 0) as budget_paid_eur
from core.fct_budget_entry where is_counted
group by entered_on;

create table marts.progress_daily as
with change as (
    select * exclude (territory_code) from daily union all by name from daily_budget
),
calendar as (
    select unnest(generate_series(least(min(date_day), any_value(agreement_signed_on)), any_value(as_of),
        interval 1 day))::date as date_day
    from change cross join programme
)
select
    date_day,
    sum(coalesce(sum(passes_issued), 0)) over day::bigint as passes_issued,
    sum(coalesce(sum(passes_prescribed), 0)) over day::bigint as passes_prescribed,
    sum(coalesce(sum(passes_used), 0)) over day::bigint as passes_used,
    sum(coalesce(sum(passes_expired), 0)) over day::bigint as passes_expired,
    sum(coalesce(sum(face_value_used_eur), 0)) over day::decimal(18, 2) as face_value_used_eur,
    sum(coalesce(sum(minutes), 0)) over day / 60.0::double as hours,
    sum(coalesce(sum(people_equipped), 0)) over day::bigint as people_equipped,
    sum(coalesce(sum(people_reached_identified + people_reached_anonymous), 0)) over day::bigint as people_reached,
    sum(coalesce(sum(budget_committed_eur), 0)) over day::decimal(18, 2) as budget_committed_eur,
    sum(coalesce(sum(budget_paid_eur), 0)) over day::decimal(18, 2) as budget_paid_eur
from calendar left join change using (date_day)
group by date_day
window day as (order by date_day);

create table marts.territory_month as
select
    date_trunc('month', date_day)::date as month, territory_code, territory_name, ami,
    sum(passes_issued)::bigint as passes_issued,
    sum(passes_prescribed)::bigint as passes_prescribed,
    sum(passes_used)::bigint as passes_used,
    sum(passes_expired)::bigint as passes_expired,
    sum(face_value_issued_eur)::decimal(18, 2) as face_value_issued_eur,
    sum(face_value_used_eur)::decimal(18, 2) as face_value_used_eur,
    sum(minutes) / 60.0::double as hours,
    sum(attendances)::bigint as attendances,
    sum(people_equipped)::bigint as people_equipped,
    sum(people_reached_identified + people_reached_anonymous)::bigint as people_reached
from daily join core.dim_territory using (territory_code)
group by all;

create table marts.budget_month as
select
    date_trunc('month', entered_on)::date as month, nature, category, ami, count(*) as entries,
    sum(amount_incl_tax_eur)::decimal(18, 2) as amount_incl_tax_eur,
    sum(amount_excl_tax_eur)::decimal(18, 2) as amount_excl_tax_eur
from core.fct_budget_entry where is_counted
group by all;

create table marts.audience_profile as
with person as (
    select
        territory_code, age_band, gender, situation, pic_answer, qpv_answer,
        count(*) as equipped, count(reached_on) as reached
    from core.dim_person where is_identified
    group by all
),
answer as (
    select
        territory_code, equipped, reached,
        unnest(['age_band', 'gender', 'situation', 'public_pic', 'residence_qpv']) as dimension,
        unnest([age_band, gender, situation, pic_answer, qpv_answer]) as category
    from person
)
select
    territory_code, dimension, coalesce(category, 'non_renseigne') as category,
    sum(equipped)::bigint as people_equipped, sum(reached)::bigint as people_reached
from answer
group by all;

create temp table reimbursed as
select redemption_id, lieu_siret, territory_code, date_trunc('month', redeemed_on)::date as month, amount_eur
from core.fct_redemption where is_counted and source_status = 'remboursee';

create table marts.pass_lifecycle as
select
    territory_code,
    coalesce(lot_code, '(sans lot)') as lot_code,
    coalesce(order_reference, '(sans bon)') as order_reference,
    validity_year, status,
    delivered_on is not null as is_delivered,
    is_prescribed,
    started.carnet_number is not null as is_started,
    reimbursed.redemption_id is not null as is_reimbursed,
    count(*) as passes,
    sum(face_value_eur)::decimal(18, 2) as face_value_eur
from core.fct_pass
left join started using (carnet_number)
left join (select redemption_id from reimbursed) as reimbursed using (redemption_id)
group by all;

create table marts.expiry_schedule as
select
    territory_code, coalesce(prescriber_siret, '(stock)') as prescriber_siret,
    coalesce(lot_code, '(sans lot)') as lot_code, status, tolerance_until as last_usable_on,
    count(*) as passes, count(distinct carnet_number) as carnets,
    sum(face_value_eur)::decimal(18, 2) as face_value_eur
from core.fct_pass
where status in ('in_stock', 'with_prescriber', 'prescribed')
group by all;

create table marts.expiry_pace as
with day as (select distinct last_usable_on from marts.expiry_schedule),
stock as (
    select territory_code, last_usable_on, sum(passes) as passes, sum(face_value_eur) as face_value_eur
    from marts.expiry_schedule group by all
),
recent as (
    select territory_code, count(*) as passes from core.fct_pass, marts.programme
    where status = 'used' and left_on >= quiet_since group by all
)
select
    territory_code, last_usable_on, coalesce(stock.passes, 0)::bigint as passes,
    coalesce(face_value_eur, 0)::decimal(18, 2) as face_value_eur,
    sum(coalesce(stock.passes, 0)) over (partition by territory_code order by last_usable_on)::bigint as passes_by_then,
    greatest((last_usable_on - as_of) / 7, 1 / 7)::double as weeks_left,
    (passes_by_then / weeks_left)::double as passes_a_week_needed,
    (coalesce(recent.passes, 0) * 7 / (as_of - quiet_since + 1))::double as passes_a_week_used
from (select distinct territory_code from stock) cross join day cross join marts.programme
left join stock using (territory_code, last_usable_on)
left join recent using (territory_code);

create table marts.expiry_risk as
with horizon as (
    select distinct unnest([30, 60, expiry_alert_days])::integer as days, as_of from programme
)
select
    days as horizon_days, territory_code, coalesce(prescriber_siret, '(stock)') as prescriber_siret, status,
    (min(tolerance_until) + 1)::date as first_expiry_on, count(*) as passes,
    sum(face_value_eur)::decimal(18, 2) as face_value_eur
from core.fct_pass
join horizon on tolerance_until < as_of + days
where status in ('in_stock', 'with_prescriber', 'prescribed')
group by all;

create table marts.mandate_ledger as
with movement as (
    select
        date_trunc('month', issued_on)::date as month, territory_code, 'issued' as nature,
        count(*) as passes, sum(face_value_eur) as eur
    from core.fct_pass group by all
    union all
    select date_trunc('month', left_on)::date, territory_code, status, count(*), sum(face_value_eur)
    from core.fct_pass where left_on is not null group by all
),
cell as (
    select calendar.month, account.territory_code
    from (
        select unnest(generate_series(min(month), greatest(date_trunc('month', getvariable('as_of')), max(month)),
            interval 1 month))::date as month
        from movement
    ) as calendar
    cross join (select code_insee as territory_code from territory union select territory_code from movement) as account
),
operation as (
    select
        month, territory_code,
        coalesce(sum(passes) filter (where nature = 'issued'), 0) as issued_passes,
        coalesce(sum(passes) filter (where nature = 'used'), 0) as used_passes,
        coalesce(sum(passes) filter (where nature = 'expired'), 0) as expired_passes,
        coalesce(sum(passes) filter (where nature = 'cancelled'), 0) as cancelled_passes,
        coalesce(sum(eur) filter (where nature = 'issued'), 0) as issued_eur,
        coalesce(sum(eur) filter (where nature = 'used'), 0) as used_eur,
        coalesce(sum(eur) filter (where nature = 'expired'), 0) as expired_eur,
        coalesce(sum(eur) filter (where nature = 'cancelled'), 0) as cancelled_eur
    from cell left join movement using (month, territory_code)
    group by all
),
balance as (
    select
        *,
        sum(issued_passes - used_passes - expired_passes - cancelled_passes) over account as closing_passes,
        sum(issued_eur - used_eur - expired_eur - cancelled_eur) over account as closing_eur
    from operation
    window account as (partition by territory_code order by month)
)
select
    month, territory_code,
    (closing_passes - issued_passes + used_passes + expired_passes + cancelled_passes)::bigint as opening_passes,
    issued_passes::bigint as issued_passes, used_passes::bigint as used_passes,
    expired_passes::bigint as expired_passes, cancelled_passes::bigint as cancelled_passes,
    closing_passes::bigint as closing_passes,
    (closing_eur - issued_eur + used_eur + expired_eur + cancelled_eur)::decimal(18, 2) as opening_eur,
    issued_eur::decimal(18, 2) as issued_eur, used_eur::decimal(18, 2) as used_eur,
    expired_eur::decimal(18, 2) as expired_eur, cancelled_eur::decimal(18, 2) as cancelled_eur,
    closing_eur::decimal(18, 2) as closing_eur
from balance;

create table marts.territory_flows as
select
    territory_code, coalesce(lieu_territory_code, 'inconnu') as lieu_territory_code, count(*) as passes_used,
    sum(face_value_eur)::decimal(18, 2) as face_value_used_eur, sum(amount_eur)::decimal(18, 2) as amount_eur
from core.fct_redemption where is_counted
group by all;

create table marts.lieu_activity as
with activity as (
    select
        lieu_siret, date_trunc('month', redeemed_on)::date as month,
        count(*) as passes_used, sum(face_value_eur) as face_value_used_eur, sum(amount_eur) as amount_eur,
        sum(amount_eur) filter (where source_status = 'remboursee') as reimbursed_eur,
        count(*) filter (where len(anomalies) > 0) as passes_with_anomaly
    from core.fct_redemption where is_counted
    group by all
    union all by name
    select
        attendance.lieu_siret, date_trunc('month', attended_on)::date as month,
        count(*) as attendances, sum(minutes) as minutes,
        count(distinct coalesce(beneficiary_key, attendance.carnet_number)) as people_welcomed
    from core.fct_attendance as attendance
    left join core.fct_prescription as holding
        on holding.carnet_number = attendance.carnet_number and holding.is_holding
    group by all
    union all by name
    select lieu_siret, month, count(*) as sessions, sum(minutes) as session_minutes
    from (
        select lieu_siret, date_trunc('month', held_on)::date as month, longest.minutes as minutes from held_session
    )
    group by all
)
select
    lieu_siret, month, lieu_name, territory_code, is_inferred,
    coalesce(sum(passes_used), 0)::bigint as passes_used,
    coalesce(sum(face_value_used_eur), 0)::decimal(18, 2) as face_value_used_eur,
    coalesce(sum(amount_eur), 0)::decimal(18, 2) as amount_eur,
    coalesce(sum(reimbursed_eur), 0)::decimal(18, 2) as reimbursed_eur,
    coalesce(sum(passes_with_anomaly), 0)::bigint as passes_with_anomaly,
    coalesce(sum(attendances), 0)::bigint as attendances,
    coalesce(sum(minutes), 0) / 60.0::double as hours,
    coalesce(sum(people_welcomed), 0)::bigint as people_welcomed,
    coalesce(sum(sessions), 0)::bigint as sessions,
    coalesce(sum(session_minutes), 0) / 60.0::double as session_hours
from activity join core.dim_lieu using (lieu_siret)
group by all;

create temp table active_lieu as
select lieu_siret, territory_code from core.dim_lieu
where not is_inferred and lieu_siret in (select lieu_siret from core.fct_redemption where is_counted);

create table marts.territory_progress as
with activity as (
    select
        territory_code,
        sum(passes_issued) as passes_issued, sum(face_value_issued_eur) as face_value_issued_eur,
        sum(passes_prescribed) as passes_prescribed, sum(passes_used) as passes_used,
        sum(face_value_used_eur) as face_value_used_eur, sum(passes_expired) as passes_expired,
        sum(minutes) as minutes, sum(nominal_minutes) as nominal_minutes, sum(people_equipped) as people_equipped,
        sum(people_reached_identified) as people_reached_identified,
        sum(people_reached_anonymous) as people_reached_anonymous
    from daily group by territory_code
),
paid as (
    select territory_code, sum(amount_eur) as reimbursed_eur from reimbursed group by territory_code
),
audience as (
    select
        territory_code,
        count(*) filter (where pic_answer = 'oui') as pic_yes,
        count(*) filter (where pic_answer in ('oui', 'non')) as pic_answered,
        count(*) filter (where qpv_answer = 'oui') as qpv_yes,
        count(*) filter (where qpv_answer in ('oui', 'non')) as qpv_answered
    from core.dim_person where is_identified
    group by territory_code
),
lieu as (
    select territory_code, count(*) as lieux_active from active_lieu group by territory_code
)
select
    territory.territory_code, territory_name, territory_type, ami, is_participating, participation_status, ept_name,
    current_code, people_target, hours_target,
    coalesce(passes_issued, 0)::bigint as passes_issued,
    coalesce(passes_prescribed, 0)::bigint as passes_prescribed,
    coalesce(passes_used, 0)::bigint as passes_used,
    coalesce(passes_expired, 0)::bigint as passes_expired,
    coalesce(face_value_issued_eur, 0)::decimal(18, 2) as face_value_issued_eur,
    coalesce(face_value_used_eur, 0)::decimal(18, 2) as face_value_used_eur,
    coalesce(reimbursed_eur, 0)::decimal(18, 2) as reimbursed_eur,
    coalesce(minutes, 0) / 60.0::double as hours,
    coalesce(nominal_minutes, 0) / 60.0::double as hours_nominal,
    coalesce(people_equipped, 0)::bigint as people_equipped,
    coalesce(people_reached_identified + people_reached_anonymous, 0)::bigint as people_reached,
    coalesce(people_reached_identified, 0)::bigint as people_reached_identified,
    coalesce(people_reached_anonymous, 0)::bigint as people_reached_anonymous,
    pic_yes / nullif(pic_answered, 0) as pic_share,
    coalesce(pic_answered, 0) / nullif(people_equipped, 0)::bigint as pic_answered_share,
    qpv_yes / nullif(qpv_answered, 0) as qpv_share,
    coalesce(qpv_answered, 0) / nullif(people_equipped, 0)::bigint as qpv_answered_share,
    coalesce(lieux_active, 0) as lieux_active
from core.dim_territory as territory
left join activity using (territory_code)
left join paid using (territory_code)
left join audience using (territory_code)
left join lieu using (territory_code)
where is_participating or coalesce(activity.territory_code, paid.territory_code, lieu.territory_code) is not null;

create table marts.territory_state as
with usable as (
    select territory_code, sum(passes)::bigint as passes_usable from marts.pass_lifecycle
    where status in ('in_stock', 'with_prescriber', 'prescribed')
    group by territory_code
),
used as (
    select territory_code, max(date_day) as last_used_on from daily where passes_used > 0 group by territory_code
)
select
    territory_code, territory_name, ami,
    coalesce(passes_usable, 0) as passes_usable,
    last_used_on,
    coalesce(last_used_on >= quiet_since, false) as is_recently_active,
    case
        when last_used_on is null then 'never'
        when coalesce(passes_usable, 0) = 0 then 'exhausted'
        when last_used_on < quiet_since then 'quiet'
        else 'active'
    end as state
from core.dim_territory
cross join marts.programme
left join usable using (territory_code)
left join used using (territory_code)
where is_participating;

create table marts.territory_rate as
with life as (
    select
        territory_code, sum(passes) as passes_issued, sum(if(status = 'used', passes, 0)) as passes_used,
        sum(if(status = 'expired', passes, 0)) as passes_expired
    from marts.pass_lifecycle group by territory_code
),
known as (
    select
        territory_code,
        {
            people_reached: people_reached::double, people_equipped: people_equipped::double, hours: hours,
            face_value_used_eur: face_value_used_eur::double,
            passes_issued: coalesce(life.passes_issued, 0)::double,
            passes_used: coalesce(life.passes_used, 0)::double,
            passes_expired: coalesce(life.passes_expired, 0)::double, population: population::double,
            qpv_population: qpv_population::double
        }::map(varchar, double) as terms
    from marts.territory_progress as progress
    join core.dim_territory using (territory_code)
    left join life using (territory_code)
    where progress.is_participating
),
divided as (
    select
        territory_code, code as rate, terms[numerator] as rate_numerator, terms[denominator] as rate_denominator,
        rate_numerator * per / nullif(rate_denominator, 0) as value, if(rank_from = 'highest', -value, value) as sorted
    from known cross join rates
)
select
    territory_code, rate, rate_numerator, rate_denominator, value,
    if(value is null, null, rank() over (partition by rate order by sorted nulls last)) as place,
    count(value) over (partition by rate) as places
from divided;

create table marts.lieu_payment as
with line as (
    select *, source_status is not distinct from 'remboursee' as is_paid, reimbursed_on - redeemed_on as days
    from core.fct_redemption where is_counted and lieu_siret in (select lieu_siret from core.dim_lieu)
),
delay as (
    select lieu_siret, median(days)::double as delay_days, max(days)::integer as longest_delay_days
    from line where is_paid and days >= 0 group by lieu_siret
)
select
    lieu_siret, count(*) filter (where is_paid) as passes_paid,
    coalesce(sum(amount_eur) filter (where is_paid), 0)::decimal(18, 2) as paid_eur,
    max(reimbursed_on) filter (where is_paid) as last_paid_on, any_value(delay_days) as delay_days,
    any_value(longest_delay_days) as longest_delay_days, count(*) - passes_paid as passes_waiting,
    coalesce(sum(amount_eur) filter (where not is_paid), 0)::decimal(18, 2) as waiting_eur,
    min(redeemed_on) filter (where not is_paid) as waiting_since,
    (select median(days) from line where is_paid and days >= 0)::double as programme_delay_days
from line left join delay using (lieu_siret)
group by lieu_siret;

create table marts.lieu_quality as
with told as (
    select
        lieu_siret,
        [{line_kind: 'delivered', line_reason: ''}]
        || if(is_counted, [], [{line_kind: 'uncounted', line_reason: exclusion_reason}])
        || list_transform(anomalies, lambda anomaly: {line_kind: 'anomaly', line_reason: anomaly}) as lines
    from core.fct_redemption where lieu_siret in (select lieu_siret from core.dim_lieu)
)
select lieu_siret, line.line_kind, line.line_reason, count(*) as delivered_lines
from (select lieu_siret, unnest(lines) as line from told)
group by all;

create table marts.indicator as
select
    rank, code, label, definition, formula, unit, source,
    case target_key
        when 'budget_eur' then budget_eur
        when 'hours_target' then hours_target
        when 'people_target' then people_target
        when 'territories_target' then territories_target
        when 'lieux_target' then lieux_target
        when 'state_ceiling_eur' then state_ceiling_eur
        when 'pic_share_target' then pic_share_target
    end::double as target,
    target_label
from dictionary cross join programme
where rank is not null;

create table marts.programme_progress as
with total as (
    select
        sum(budget_committed_eur) as budget_committed_eur, sum(budget_paid_eur) as budget_paid_eur
    from daily_budget
),
passes as (
    select
        sum(passes_issued) as passes_issued, sum(passes_prescribed) as passes_prescribed,
        sum(passes_used) as passes_used, sum(passes_expired) as passes_expired,
        sum(face_value_issued_eur) as face_value_issued_eur, sum(face_value_used_eur) as face_value_used_eur,
        sum(minutes) / 60.0::double as hours, sum(nominal_minutes) / 60.0::double as hours_nominal,
        sum(people_equipped) as people_equipped,
        sum(people_reached_identified) as people_reached_identified,
        sum(people_reached_anonymous) as people_reached_anonymous,
        count(distinct territory_code) filter (
            where passes_used > 0 and territory_code in (select code_insee from territory)
        ) as territories_active
    from daily
),
session as (
    select sum(minutes) / 60.0::double as session_hours
    from (select max(minutes) as minutes from core.fct_attendance group by session_id)
),
people as (
    select
        count(*) filter (where pic_answer = 'oui') / nullif(count(*) filter (where pic_answer in ('oui', 'non')), 0)
            as pic_share,
        count(*) filter (where qpv_answer = 'oui') / nullif(count(*) filter (where qpv_answer in ('oui', 'non')), 0)
            as qpv_share,
        count(*) filter (where pic_answer in ('oui', 'non')) / nullif(count(*), 0) as pic_answered_share,
        count(*) filter (where qpv_answer in ('oui', 'non')) / nullif(count(*), 0) as qpv_answered_share
    from core.dim_person where is_identified
),
measured as (
    select
        unnest(map_entries(map {
            'budget_committed_eur': budget_committed_eur::double,
            'budget_paid_eur': budget_paid_eur::double,
            'passes_issued': passes_issued::double,
            'passes_prescribed': passes_prescribed::double,
            'passes_used': passes_used::double,
            'passes_expired': passes_expired::double,
            'face_value_issued_eur': face_value_issued_eur::double,
            'face_value_used_eur': face_value_used_eur::double,
            'reimbursed_eur': (select sum(amount_eur)::double from reimbursed),
            'state_share_due_eur':
                least(state_rate * face_value_used_eur, state_ceiling_eur)::decimal(18, 2)::double,
            'hours': hours,
            'hours_nominal': hours_nominal,
            'session_hours': session_hours,
            'people_equipped': people_equipped::double,
            'people_reached': (people_reached_identified + people_reached_anonymous)::double,
            'people_reached_identified': people_reached_identified::double,
            'people_reached_anonymous': people_reached_anonymous::double,
            'pic_share': pic_share,
            'qpv_share': qpv_share,
            'territories_active': territories_active::double,
            'lieux_active': (select count(*)::double from active_lieu)
        })) as measure,
        pic_answered_share, qpv_answered_share, as_of
    from programme cross join total cross join passes cross join session cross join people
)
select
    indicator.code as indicator,
    measure.value,
    indicator.target,
    measure.value / nullif(indicator.target, 0) as ratio,
    case code when 'pic_share' then pic_answered_share when 'qpv_share' then qpv_answered_share end as answered_share,
    as_of
from marts.indicator as indicator
join measured on measured.measure.key = indicator.code;

create table marts.counter_payment as
select
    lieu_siret, lieu_name, coalesce(reimbursement_reference, '(sans référence)') as reimbursement_reference,
    reimbursed_on, count(*) as passes, sum(amount_eur)::decimal(18, 2) as amount_eur
from core.fct_counter_payment join core.dim_lieu using (lieu_siret)
group by all;

create table marts.mandate_receivable as
with overpaid as (
    select
        lieu_siret, coalesce(reimbursement_reference, '') as reference, count(*) as passes,
        sum(overpaid_eur) as amount_eur, string_agg(distinct cause, ' | ' order by cause) as cause,
        min(receivable_known_on) as known_on
    from core.fct_counter_payment where overpaid_eur > 0
    group by all
),
recovered as (
    select lieu_siret, coalesce(reimbursement_reference, '') as reference, sum(amount_eur) as recovered_eur
    from core.fct_recovery where lieu_siret is not null
    group by all
)
select
    lieu_siret, lieu_name, coalesce(nullif(reference, ''), '(sans référence)') as reimbursement_reference, passes,
    amount_eur::decimal(18, 2) as amount_eur, cause, known_on,
    coalesce(recovered_eur, 0)::decimal(18, 2) as recovered_eur,
    (overpaid.amount_eur - coalesce(recovered.recovered_eur, 0))::decimal(18, 2) as open_eur
from overpaid
join core.dim_lieu using (lieu_siret)
left join recovered using (lieu_siret, reference);

create table marts.rate as
select
    rates.rank, code as rate, label, definition, numerator as numerator_code, rates.denominator as denominator_code, per,
    unit as rate_unit, rank_from, without as territories_without,
    if(
        without = 0,
        divided.value * per / nullif(coalesce(divider.value, known.denominator), 0), null
    ) as programme_value
from rates
join (
    select rate, sum(rate_denominator) as denominator, count(*) - count(rate_denominator) as without
    from marts.territory_rate group by rate
) as known on known.rate = code
join marts.programme_progress as divided on divided.indicator = numerator
left join marts.programme_progress as divider on divider.indicator = rates.denominator;
