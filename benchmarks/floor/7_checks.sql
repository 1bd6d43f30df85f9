-- The checks: one row each, with the number of failures. None may have one.

create temp table verdict as
select 'a pass is in fct_pass once' as what, count(*) - count(distinct pass_number::bigint) as failures from core.fct_pass
union all
select 'a redemption is in fct_redemption once', count(*) - count(distinct redemption_id) from core.fct_redemption
union all
select 'an attendance is in fct_attendance once', count(*) - count(distinct attendance_id) from core.fct_attendance
union all
select 'a carnet is in dim_carnet once', count(*) - count(distinct carnet_number) from core.dim_carnet
union all
select 'a prescription is in fct_prescription once', count(*) - count(distinct prescription_id)
from core.fct_prescription
union all
select 'a person is in dim_person once', count(*) - count(distinct person_key) from core.dim_person
union all
select 'a lieu is in dim_lieu once', count(*) - count(distinct lieu_siret) from core.dim_lieu
union all
select 'an entry is in fct_budget_entry once', count(*) - count(distinct entry_id) from core.fct_budget_entry
union all
select 'a contribution is in proof.contribution once', count(*) - count(distinct hash(
    event, nature, source_file_id, source_line, event_on, lieu_siret, territory_code, account_code
))
from proof.contribution
union all
select 'a line is in proof.line once', count(*) - count(distinct hash(source_file_id, source_line)) from proof.line
union all
select 'the files of a figure are in proof.figure_source once', count(*) - count(distinct hash(
    indicator, territory_code, ami, month, source_file_id
))
from proof.figure_source
union all
select 'the files of a lieu are in proof.lieu_source once', count(*) - count(distinct hash(
    indicator, lieu_siret, month, source_file_id
))
from proof.lieu_source
union all
select 'the carnet of a pass is known', count(*) from core.fct_pass
where carnet_number not in (select carnet_number from core.dim_carnet)
union all
select 'the lieu of a redemption is known', count(*) from core.fct_redemption
where lieu_siret not in (select lieu_siret from core.dim_lieu)
union all
select 'the lieu of a contribution is known', count(*) from proof.contribution
where lieu_siret is not null and lieu_siret not in (select lieu_siret from core.dim_lieu)
union all
select 'the territory of a contribution is known', count(*) from proof.contribution
where territory_code is not null and territory_code not in (select territory_code from core.dim_territory)
union all
select 'the territory of a pass is known', count(*) from core.fct_pass
where territory_code not in (select territory_code from core.dim_territory)
union all
select 'the attendance of a counted redemption is known', count(*) from core.fct_redemption
where is_counted and attendance_id not in (select attendance_id from core.fct_attendance)
union all
select 'the holding prescription of a carnet is known', count(*) from core.dim_carnet
where holding_prescription_id is not null
    and holding_prescription_id not in (select prescription_id from core.fct_prescription)
union all
select 'the statuses add up to the passes issued', count(*)
from (
    select territory_code, coalesce(lot_code, '(sans lot)') as lot_code, validity_year, sum(pass_count) as issued
    from core.dim_carnet group by all
)
full join (
    select territory_code, lot_code, validity_year, sum(passes) as settled from marts.pass_lifecycle group by all
) using (territory_code, lot_code, validity_year)
where issued is distinct from settled
union all
select 'the passes of the territories add up to the programme', count(*)
from (
    select
        sum(passes_issued) as passes_issued, sum(passes_used) as passes_used, sum(passes_expired) as passes_expired,
        sum(face_value_used_eur) as face_value_used_eur, sum(reimbursed_eur) as reimbursed_eur, sum(hours) as hours,
        sum(people_equipped) as people_equipped, sum(people_reached) as people_reached
    from marts.territory_progress
) unpivot (total for indicator in (columns(*)::double)) join marts.programme_progress using (indicator)
where abs(total - value) > 1e-6
union all
select 'the mandate account reopens where it closed', count(*)
from (
    select
        opening_passes, opening_eur, lag(closing_passes, 1, 0) over account as closed_passes,
        lag(closing_eur, 1, 0) over account as closed_eur
    from marts.mandate_ledger
    window account as (partition by territory_code order by month)
)
where opening_passes <> closed_passes or opening_eur <> closed_eur
union all
select 'the mandate account closes on the passes that have not left', count(*)
from (
    select territory_code, max_by(closing_passes, month) as closing from marts.mandate_ledger group by territory_code
) left join (
    select territory_code, count(*) as staying from core.fct_pass where left_on is null group by territory_code
) using (territory_code)
where closing <> coalesce(staying, 0)
union all
select 'every line has one current version', (select count(distinct redemption_id) from redemption) - count(*)
from core.fct_redemption
union all
select 'the euros of the lines are those of the lieux', count(*)
from (select sum(amount_eur) as lines from core.fct_redemption where is_counted),
    (select sum(amount_eur) as attended from core.fct_attendance),
    (select sum(amount_eur) as active from marts.lieu_activity)
where lines <> attended or lines <> active
union all
select 'the hours agree between tables', count(*)
from (select sum(minutes) / 60.0 as reference from core.fct_attendance), (
    select value as hours from marts.programme_progress where indicator = 'hours'
    union all select max(hours) from marts.progress_daily
    union all select sum(hours) from marts.territory_month
    union all select sum(hours) from marts.lieu_activity
    union all select sum(minutes) / 60.0 from proof.contribution where event = 'attendance'
    union all select sum(value) / 60.0 from proof.figure_source where indicator = 'hours'
)
where abs(hours - reference) > 1e-6
union all
select 'the people agree between tables', count(*)
from (select value as reference from marts.programme_progress where indicator = 'people_equipped'), (
    select max(people_equipped) as people from marts.progress_daily
    union all select sum(people_equipped) from marts.territory_month
    union all select sum(people_equipped) from marts.audience_profile group by dimension
    union all select sum(people) from proof.contribution where event = 'equipped'
)
where people <> reference
union all
select 'the uses agree between tables', count(*)
from (select count(*) as reference from core.fct_redemption where is_counted), (
    select count(*) as uses from core.fct_pass where status = 'used'
    union all select sum(passes_used) from core.fct_attendance
    union all select sum(passes_used) from marts.lieu_activity
    union all select sum(passes_used) from marts.territory_flows
    union all select max(passes_used) from marts.progress_daily
    union all select sum(used_passes) from marts.mandate_ledger
    union all select sum(passes) from proof.contribution where event = 'use'
    union all select count(*) from proof.line where dataset = 'utilisations' and reason is null
)
where uses <> reference
union all
select 'a payment is in fct_counter_payment once', count(*) - count(distinct payment_id) from core.fct_counter_payment
union all
select 'a lieu gives back what it owes at most', count(*) from marts.mandate_receivable where open_eur < 0
union all
select 'a projection is possible', count(*)
from (
    select low, median, high, ceiling from marts.projection
    union all select low, median, high, ceiling from marts.projection_backtest
)
where not (low <= median and median <= high and high <= ceiling);
