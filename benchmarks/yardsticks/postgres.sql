-- The six core tables that the headline figures come from, then the figures, in PostgreSQL's dialect. `order_read`: the
-- lines in the order of their versions, since files are copied in that order. Set by postgres.py: as_of, tolerance,
-- state_rate, state_ceiling, inner_pad, outer_pad; and the tables it copies into.

analyze emission, prescription, redemption;

create unlogged table fct_prescription as
with line as (
    select distinct on (prescription_id) * from prescription order by prescription_id, order_read desc
),
person as (
    select beneficiary, encode(sha256(
        decode(:'outer_pad', 'hex') || sha256(decode(:'inner_pad', 'hex') || convert_to(beneficiary, 'UTF8'))
    ), 'hex') as beneficiary_key
    from (select distinct beneficiary from line where beneficiary is not null) as named
),
holding as (
    select distinct on (carnet_number) prescription_id from line
    where source_status = 'validee' and prescribed_on <= :'as_of'
    order by carnet_number, prescribed_on desc, prescription_id desc
)
select
    line.prescription_id, carnet_number, prescribed_on, prescriber_siret, territory_code, beneficiary_key, birth_year,
    gender, situation, pic_answer, qpv_answer, source_status,
    source_status = 'validee' and prescribed_on <= :'as_of' as is_live,
    holding.prescription_id is not null as is_holding
from line
left join person using (beneficiary)
left join holding on holding.prescription_id = line.prescription_id;
analyze fct_prescription;

create unlogged table dim_carnet as
with line as (
    select distinct on (carnet_number)
        *, (valid_until + make_interval(months => :tolerance))::date as tolerance_until
    from emission order by carnet_number, order_read desc
)
select
    line.carnet_number, first_pass, last_pass, replace(face_value, ',', '.')::numeric(18, 2) as face_value_eur,
    lot_code, order_reference, line.territory_code, line.prescriber_siret, issued_on, delivered_on, valid_until,
    tolerance_until, line.source_status, status_on,
    case
        when line.source_status in ('annule', 'retourne', 'perdu', 'vole')
            and status_on <= :'as_of' and status_on <= tolerance_until then status_on
    end as cancelled_on,
    tolerance_until < :'as_of' as is_expired,
    holding.prescription_id as holding_prescription_id, holding.prescribed_on, holding.beneficiary_key,
    coalesce(holding.territory_code, line.territory_code) as use_territory_code
from line
left join fct_prescription as holding on holding.carnet_number = line.carnet_number and holding.is_holding
where issued_on <= :'as_of';
analyze dim_carnet;

create unlogged table issued as
select carnet_number, generate_series(first_pass::bigint, last_pass::bigint) as pass from dim_carnet;
analyze issued;

create unlogged table fct_redemption as
with line as (
    select distinct on (redemption_id) * from redemption order by redemption_id, order_read desc
),
judged as (
    select
        line.*, carnet_number, redeemed_at::date as redeemed_on,
        replace(amount, ',', '.')::numeric(18, 2) as amount_eur,
        case
            when source_status = 'rejetee' then 'rejected'
            when source_status = 'annulee' then 'cancelled'
            when carnet_number is null then 'unknown_pass'
            when redeemed_at::date > :'as_of' then 'after_as_of'
        end as own_reason
    from line left join issued on issued.pass = line.pass_number::bigint
),
first_use as (
    select distinct on (pass_number) redemption_id from judged where own_reason is null
    order by pass_number, redeemed_at, redemption_id
)
select
    judged.redemption_id, pass_number, carnet_number, redeemed_at, redeemed_on, lieu_siret, line_territory_code,
    service_code, modality, duration_minutes, amount_eur, source_status, reimbursed_on, reimbursement_reference,
    first_use.redemption_id is not null as is_counted,
    case when first_use.redemption_id is null then coalesce(own_reason, 'duplicate_use') end as exclusion_reason,
    coalesce(session_id, concat_ws('|', lieu_siret, redeemed_on, coalesce(service_code, ''))) as session_id
from judged left join first_use on first_use.redemption_id = judged.redemption_id;
analyze fct_redemption;

create unlogged table fct_attendance as
with counted as (
    select
        carnet_number, session_id, min(redeemed_on) as attended_on, max(duration_minutes) as measured_minutes,
        max(nominal_minutes) as nominal_minutes, count(*) as passes_used, sum(amount_eur) as amount_eur
    from fct_redemption
    left join (
        select distinct on (service_code) service_code, nominal_minutes from service
        order by service_code, order_read desc
    ) as service using (service_code)
    where is_counted
    group by carnet_number, session_id
)
select
    md5(carnet_number || chr(31) || session_id) as attendance_id, *,
    coalesce(measured_minutes, nominal_minutes, 0) as minutes
from counted;
analyze fct_attendance;

create unlogged table dim_person as
with started as (
    select carnet_number, min(attended_on) as reached_on from fct_attendance group by carnet_number
),
held as (
    select beneficiary_key, min(reached_on) as reached_on
    from fct_prescription left join started using (carnet_number)
    where is_holding and beneficiary_key is not null
    group by beneficiary_key
),
earliest as (
    select distinct on (beneficiary_key) beneficiary_key, territory_code, pic_answer, qpv_answer
    from fct_prescription where is_live and beneficiary_key is not null
    order by beneficiary_key, prescribed_on, prescription_id
)
select beneficiary_key as person_key, true as is_identified, territory_code, reached_on, pic_answer, qpv_answer
from held join earliest using (beneficiary_key)
union all
select 'carnet:' || carnet_number, false, use_territory_code, reached_on, null, null
from started join dim_carnet using (carnet_number)
where beneficiary_key is null;

create unlogged table fct_pass as
select
    issued.pass, carnet.*, use.redemption_id, use.redeemed_on,
    case
        when use.redemption_id is not null then 'used'
        when cancelled_on is not null then 'cancelled'
        when is_expired then 'expired'
        when holding_prescription_id is not null then 'prescribed'
        when delivered_on is not null then 'with_prescriber'
        else 'in_stock'
    end as status
from issued
join dim_carnet as carnet using (carnet_number)
left join fct_redemption as use on use.pass_number::bigint = issued.pass and use.is_counted;

with pass as (
    select
        count(*) as issued, count(*) filter (where holding_prescription_id is not null) as prescribed,
        count(*) filter (where status = 'used') as used, count(*) filter (where status = 'expired') as expired,
        sum(face_value_eur) as issued_eur, sum(face_value_eur) filter (where status = 'used') as used_eur,
        count(distinct use_territory_code) filter (
            where status = 'used' and use_territory_code in (select code_insee from territory)
        ) as territories
    from fct_pass
),
budget as (
    select
        sum(case nature when 'engagement' then replace(amount, ',', '.')::numeric end) as committed,
        sum(case nature when 'mandatement' then replace(amount, ',', '.')::numeric
            when 'avoir' then - replace(amount, ',', '.')::numeric end) as paid
    from (select distinct on (entry_id) * from entry order by entry_id, order_read desc) as line
    where entered_on <= :'as_of'
),
person as (
    select
        count(*) filter (where is_identified) as equipped,
        count(*) filter (where is_identified and reached_on is not null) as identified,
        count(*) filter (where not is_identified) as anonymous,
        avg((pic_answer = 'oui')::int) filter (where pic_answer in ('oui', 'non')) as pic,
        avg((qpv_answer = 'oui')::int) filter (where qpv_answer in ('oui', 'non')) as qpv
    from dim_person
)
select json_build_object(
    'budget_committed_eur', committed, 'budget_paid_eur', paid,
    'passes_issued', issued, 'passes_prescribed', prescribed, 'passes_used', used, 'passes_expired', expired,
    'face_value_issued_eur', issued_eur, 'face_value_used_eur', used_eur,
    'reimbursed_eur', (select sum(amount_eur) from fct_redemption where is_counted and source_status = 'remboursee'),
    'state_share_due_eur', least(:state_rate * used_eur, :state_ceiling),
    'hours', (select sum(minutes) / 60.0 from fct_attendance),
    'hours_nominal', (
        select sum(nominal_minutes) / 60.0 from fct_attendance where measured_minutes is null
    ),
    'session_hours', (
        select sum(longest) / 60.0
        from (select max(minutes) as longest from fct_attendance group by session_id) as session
    ),
    'people_equipped', equipped, 'people_reached', identified + anonymous,
    'people_reached_identified', identified, 'people_reached_anonymous', anonymous,
    'pic_share', pic, 'qpv_share', qpv, 'territories_active', territories,
    'lieux_active', (
        select count(distinct lieu_siret) from fct_redemption
        where is_counted and lieu_siret in (select lieu_siret from lieu)
    )
)
from pass, budget, person;
