-- The marts of periods, from the core tables.

create table marts.audience_month as
with step as (
    select
        equipped_on as day, 'equipped' as step, territory_code, age_band, gender, situation, pic_answer, qpv_answer
    from core.dim_person where is_identified and equipped_on is not null
    union all
    select reached_on, 'reached', territory_code, age_band, gender, situation, pic_answer, qpv_answer
    from core.dim_person where is_identified and reached_on is not null
),
answer as (
    select
        date_trunc('month', day)::date as month, step, territory_code,
        unnest(['age_band', 'gender', 'situation', 'public_pic', 'residence_qpv']) as dimension,
        unnest([age_band, gender, situation, pic_answer, qpv_answer]) as category
    from step
)
select
    month, territory_code, dimension, coalesce(category, 'non_renseigne') as category,
    count(*) filter (where step = 'equipped') as people_equipped,
    count(*) filter (where step = 'reached') as people_reached
from answer
group by all;

create table marts.measure_month as
with event as (
    select
        issued_on as day, territory_code, count(*) as carnets_issued, sum(pass_count) as passes_issued,
        sum(pass_count * face_value_eur) as face_value_issued_eur
    from core.dim_carnet group by all
    union all by name
    select
        prescribed_on as day, use_territory_code as territory_code, count(*) as carnets_prescribed,
        sum(pass_count) as passes_prescribed
    from core.dim_carnet where holding_prescription_id is not null group by all
    union all by name
    select redeemed_on as day, territory_code, count(*) as carnets_started from first_use group by all
    union all by name
    select
        redeemed_on as day, territory_code, count(*) as passes_used, sum(face_value_eur) as face_value_used_eur,
        sum(amount_eur) as amount_used_eur, sum(amount_eur) filter (where source_status = 'remboursee') as reimbursed_eur,
        count(*) filter (where len(anomalies) > 0) as passes_with_anomaly,
        sum(face_value_eur)::double * any_value(state_rate) as state_share_due_eur
    from core.fct_redemption cross join programme where is_counted group by all
    union all by name
    select
        left_on as day, territory_code, count(*) as passes_expired, sum(face_value_eur) as face_value_expired_eur
    from core.fct_pass where status = 'expired' group by all
    union all by name
    select
        left_on as day, territory_code, count(*) as passes_cancelled, sum(face_value_eur) as face_value_cancelled_eur
    from core.fct_pass where status = 'cancelled' group by all
    union all by name
    select
        attended_on as day, territory_code, count(*) as attendances, sum(minutes) as hours,
        sum(minutes) filter (where hours_source = 'nominal') as hours_nominal
    from core.fct_attendance group by all
    union all by name
    select held_on as day, null as territory_code, count(*) as sessions, sum(longest.minutes) as session_hours
    from held_session group by all
    union all by name
    select equipped_on as day, territory_code, count(*) as people_equipped
    from core.dim_person where is_identified group by all
    union all by name
    select
        reached_on as day, territory_code, count(*) as people_reached,
        nullif(count(*) filter (where is_identified), 0) as people_reached_identified,
        nullif(count(*) filter (where not is_identified), 0) as people_reached_anonymous
    from core.dim_person where reached_on is not null group by all
    union all by name
    select equipped_on as day, territory_code, count(*) filter (where pic_answer = 'oui') as people_pic
    from core.dim_person where is_identified and pic_answer in ('oui', 'non') group by all
    union all by name
    select equipped_on as day, territory_code, count(*) filter (where qpv_answer = 'oui') as people_qpv
    from core.dim_person where is_identified and qpv_answer in ('oui', 'non') group by all
    union all by name
    select min(redeemed_on) as day, territory_code, 1 as territories_active
    from first_use join core.dim_territory using (territory_code) where is_participating group by territory_code
    union all by name
    select day, territory_code, count(*) as lieux_active
    from (select lieu_siret, min(redeemed_on) as day from core.fct_redemption where is_counted group by lieu_siret)
    join core.dim_lieu using (lieu_siret) where not is_inferred group by all
    union all by name
    select
        entered_on as day, null as territory_code, ami,
        sum(amount_incl_tax_eur) filter (where nature = 'engagement') as budget_committed_eur,
        sum(if(nature = 'avoir', -amount_incl_tax_eur, amount_incl_tax_eur))
            filter (where nature in ('mandatement', 'avoir')) as budget_paid_eur,
        sum(amount_incl_tax_eur) filter (where nature in ('recette_etat', 'recette_commune')) as received_eur,
        sum(amount_incl_tax_eur) filter (where nature = 'recette_etat') as received_state_eur,
        sum(amount_incl_tax_eur) filter (where nature = 'recette_commune') as received_communes_eur,
        sum(amount_incl_tax_eur) filter (where nature = 'engagement' and category = 'valeur_faciale')
            as face_value_committed_eur,
        -sum(amount_incl_tax_eur) filter (where nature = 'avoir' and category = 'valeur_faciale')
            as face_value_credited_eur
    from core.fct_budget_entry where is_counted group by all
    union all by name
    select booked_on as day, null as territory_code, sum(amount_eur) as counter_paid_eur
    from core.fct_counter_payment group by all
    union all by name
    select receivable_known_on as day, null as territory_code, sum(overpaid_eur) as overpaid_eur
    from core.fct_counter_payment where overpaid_eur > 0 group by all
    union all by name
    select recovered_on as day, null as territory_code, sum(amount_eur) as recovered_eur
    from core.fct_recovery group by all
),
monthly as (
    select
        date_trunc('month', day)::date as month, territory_code, coalesce(event.ami, territory.ami) as ami,
        sum(columns(event.* exclude (day, territory_code, ami)))::double
    from event left join core.dim_territory as territory using (territory_code)
    group by all
),
told as (
    unpivot monthly on columns(* exclude (month, territory_code, ami)) into name indicator value value
),
share as (
    select month, sum(sum(value)) over (order by month) as total
    from told where indicator = 'state_share_due_eur' group by month
),
ceiling as (
    select
        month, lag(greatest(total - state_ceiling_eur, 0), 1, 0) over (order by month)
        - greatest(total - state_ceiling_eur, 0) as value
    from share cross join programme
)
select
    indicator, month, territory_code, ami,
    case when indicator in ('hours', 'hours_nominal', 'session_hours') then value / 60.0 else value end as value
from told
union all
select 'state_share_due_eur', month, null, null, value from ceiling where value <> 0;

create table marts.active_period as
with used as (
    select month, territory_code, lieu_siret, null as place
    from marts.lieu_activity where passes_used > 0 and not is_inferred
    union all
    select month, territory_code, null, territory_code
    from marts.territory_month join core.dim_territory using (territory_code)
    where passes_used > 0 and is_participating
)
select
    months,
    (case months when 1 then month when 3 then date_trunc('quarter', month) else date_trunc('year', month) end)::date
        as starts_on,
    territory_code, count(distinct lieu_siret) as lieux_active, count(distinct place) as territories_active
from used cross join (select unnest([1, 3, 12]) as months)
group by all;

create temp table month_end as
select month, least((month + interval 1 month)::date - 1, as_of) as day
from (select distinct month from marts.mandate_ledger) cross join programme;

create table marts.stock_month as
with cohort as (
    select
        territory_code, (tolerance_until + 1)::date as expires_on, issued_on, left_on, count(*) as passes,
        sum(face_value_eur) as face_value_eur
    from core.fct_pass group by all
)
select
    month, territory_code, expires_on, sum(passes)::bigint as passes,
    sum(face_value_eur)::decimal(18, 2) as face_value_eur
from month_end join cohort on issued_on <= day and (left_on is null or left_on > day)
group by all;

create table marts.territory_state_month as
with stock as (
    select month, territory_code, sum(passes) as passes, sum(face_value_eur) as face_value_eur
    from marts.stock_month group by all
),
used as (
    select month, territory_code, max(date_day) as last_used_on
    from month_end join daily on date_day <= day and passes_used > 0
    group by all
),
known as (
    select
        month, territory_code, coalesce(passes, 0)::bigint as passes_usable,
        coalesce(face_value_eur, 0)::decimal(18, 2) as face_value_usable_eur, last_used_on,
        (month - to_months(quiet_months - 1))::date as quiet_since
    from month_end cross join core.dim_territory cross join programme
    left join stock using (month, territory_code)
    left join used using (month, territory_code)
    where is_participating
)
select
    * exclude (quiet_since), coalesce(last_used_on >= quiet_since, false) as is_recently_active,
    case
        when last_used_on is null then 'never'
        when passes_usable = 0 then 'exhausted'
        when last_used_on < quiet_since then 'quiet'
        else 'active'
    end as state
from known;

create table marts.uncounted_month as
select date_trunc('month', redeemed_on)::date as month, exclusion_reason, count(*) as uncounted_uses
from core.fct_redemption where not is_counted
group by all;
