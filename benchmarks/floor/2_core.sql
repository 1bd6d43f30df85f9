-- The core tables, but those of the payments. A carnet is known by its row number in core.dim_carnet, a pass by its
-- number as an integer.

create schema core;

create table core.dim_date as
select
    date_day,
    year(date_day)::integer as year,
    quarter(date_day)::integer as quarter,
    month(date_day)::integer as month_number,
    date_trunc('month', date_day)::date as month,
    date_trunc('week', date_day)::date as week_start,
    isodow(date_day)::integer as day_of_week,
    isodow(date_day) >= 6 as is_weekend,
    holiday.holiday_on is not null as is_holiday,
    holiday.name as holiday_name
from (
    select unnest(generate_series(
        date_trunc('year', agreement_signed_on),
        date_trunc('year', greatest(mandate_ends_on, as_of)) + interval 1 year - interval 1 day, interval 1 day
    ))::date as date_day
    from programme
)
left join holiday on holiday.holiday_on = date_day;

create table core.fct_budget_entry as
select
    entry_id, entered_on, nature, category, amount_incl_tax_eur, amount_excl_tax_eur, reference, order_reference, ami,
    entered_on <= getvariable('as_of') as is_counted,
    file.file_id as source_file_id,
    entry.rowid - file.first_row + 2 as source_line
from entry
join file on file.dataset = 'budget' and file.file_rank = entry.file_rank
where entry.rowid in (select max(rowid) from entry group by entry_id);

create temp table current_prescription as
select
    line.*,
    line.rowid as line_rank,
    file.file_id as source_file_id,
    line.rowid - file.first_row + 2 as source_line,
    source_status = 'validee' and prescribed_on <= getvariable('as_of') as is_live
from prescription as line
join file on file.dataset = 'prescriptions' and file.file_rank = line.file_rank
where line.rowid in (select max(rowid) from prescription group by prescription_id);

-- HMAC-SHA256 by its definition (RFC 2104) of the one spelling of an identifier (exports §4), once a person; the latest live prescription of a carnet holds it.
create table core.fct_prescription as
with person as (
    select beneficiary, sha256(getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(spelling)))) as key
    from (
        select beneficiary, nullif(regexp_replace(nfc_normalize(upper(
            regexp_replace(beneficiary, '[\s\p{Z}\p{Cf}\p{Pd}\x{2d7}\x{2043}\x{207b}\x{208b}\x{2212}\x{2796}]', '', 'g')
        )), '^([0-9]+)[.,]0+$', '\1'), '') as spelling
        from (select distinct beneficiary from current_prescription where beneficiary is not null)
    )
),
holding as (
    select max_by(prescription_id, (prescribed_on, prescription_id)) as prescription_id
    from current_prescription where is_live
    group by carnet_number
)
select
    line.prescription_id, carnet_number, prescribed_on, prescriber_siret, territory_code,
    person.key as beneficiary_key,
    case when year(prescribed_on) < birth_year then null else
        case
            when year(prescribed_on) - birth_year < 18 then 'moins_18'
            when year(prescribed_on) - birth_year < 25 then '18_24'
            when year(prescribed_on) - birth_year < 40 then '25_39'
            when year(prescribed_on) - birth_year < 60 then '40_59'
            when year(prescribed_on) - birth_year < 70 then '60_69'
            when birth_year is not null then '70_plus'
        end
    end as age_band,
    gender, situation, pic_answer, qpv_answer, source_status, is_live,
    holding.prescription_id is not null as is_holding,
    is_live and holding.prescription_id is null as has_lost_carnet,
    source_file_id, source_line
from current_prescription as line
left join person using (beneficiary)
left join holding on line.prescription_id = holding.prescription_id;

create table core.dim_carnet as
with issued as (
    select
        line.*,
        file.file_id as source_file_id,
        line.rowid - file.first_row + 2 as source_line,
        (valid_until + to_months(validity_tolerance_months))::date as tolerance_until,
        programme.as_of
    from emission as line
    join file on file.dataset = 'emissions' and file.file_rank = line.file_rank
    cross join programme
    where line.rowid in (select max(rowid) from emission group by carnet_number) and issued_on <= as_of
)
select
    issued.carnet_number, first_pass, last_pass,
    (last_pass::bigint - first_pass::bigint + 1)::integer as pass_count,
    face_value_eur, lot_code, order_reference, issued.territory_code, issued.prescriber_siret, issued_on,
    case when delivered_on <= as_of then delivered_on end as delivered_on,
    valid_until, tolerance_until,
    year(valid_until)::integer as validity_year,
    issued.source_status, status_on,
    case
        when issued.source_status in ('annule', 'retourne', 'perdu', 'vole')
            and status_on <= as_of and status_on <= tolerance_until then status_on
    end as cancelled_on,
    as_of > tolerance_until as is_expired,
    holding.prescription_id as holding_prescription_id,
    holding.prescribed_on,
    holding.beneficiary_key is not null as is_identified,
    holding.beneficiary_key as person_key,
    coalesce(holding.territory_code, issued.territory_code) as use_territory_code,
    issued.source_file_id, issued.source_line
from issued
left join core.fct_prescription as holding on holding.carnet_number = issued.carnet_number and holding.is_holding;

-- The current line of each use, with its carnet. The first use of a pass counts: few passes have two.
create temp table issued as
select rowid::integer as carnet, unnest(range(first_pass::bigint, last_pass::bigint + 1)) as pass
from core.dim_carnet;

create temp table use as
with line as (
    select
        redemption.*,
        redemption.rowid as line_rank,
        redeemed_at::date as redeemed_on,
        issued.carnet,
        case
            when source_status = 'rejetee' then 'rejected'
            when source_status = 'annulee' then 'cancelled'
            when issued.carnet is null then 'unknown_pass'
            when redeemed_at::date > getvariable('as_of') then 'after_as_of'
        end as own_reason
    from redemption
    left join issued on redemption.pass = issued.pass
    where redemption.rowid in (select max(rowid) from redemption group by redemption_id)
),
rival as (
    select redemption_id, pass, redeemed_at from line where own_reason is null
    qualify count(*) over (partition by pass) > 1
),
later as (
    select redemption_id from rival
    qualify row_number() over (partition by pass order by redeemed_at, redemption_id) > 1
)
select
    line.* exclude (own_reason, session_id),
    coalesce(session_id, concat_ws('|', lieu_siret, redeemed_on, coalesce(service_code, ''))) as session_id,
    case
        when own_reason is not null then own_reason when later.redemption_id is not null then 'duplicate_use'
    end as exclusion_reason
from line
left join later using (redemption_id);

-- A carnet in use with no identified beneficiary is one anonymous person.
update core.dim_carnet set person_key = 'carnet:' || carnet_number
where person_key is null and rowid in (select carnet from use where exclusion_reason is null);

create table core.dim_service as
with listed as (
    select * exclude (file_rank) from service where rowid in (select max(rowid) from service group by service_code)
)
select *, false as is_inferred from listed
union all
select distinct
    service_code, 'Service hors catalogue ' || service_code, null, null::integer, null::integer, null, true
from use
where service_code is not null and service_code not in (select service_code from listed);

-- An attendance, and the line that gave its duration: the longest, then the smallest id.
create temp table attended as
with counted as (
    select
        carnet,
        session_id,
        min(redeemed_on) as attended_on,
        min_by(lieu_siret, (redeemed_at, redemption_id)) as lieu_siret,
        min(service_code) as service_code,
        max(duration_minutes) as measured_minutes,
        max(nominal_minutes) as nominal_minutes,
        min(duration_minutes) as least_minutes,
        count(*)::integer as passes_used,
        sum(amount_eur)::decimal(18, 2) as amount_eur,
        arg_min(struct_pack(file_rank, line_rank), (-coalesce(duration_minutes, -1), redemption_id)) as longest
    from use
    left join core.dim_service as service using (service_code)
    where exclusion_reason is null
    group by carnet, session_id
)
select
    md5(concat(carnet.carnet_number, chr(31), session_id)) as attendance_id,
    carnet.carnet_number, carnet.person_key, session_id, attended_on, lieu_siret, service_code,
    carnet.use_territory_code as territory_code,
    coalesce(measured_minutes, nominal_minutes, 0)::integer as minutes,
    coalesce(measured_minutes, nominal_minutes, 0) / 60.0::double as hours,
    case
        when measured_minutes is not null then 'measured' when nominal_minutes is not null then 'nominal'
        else 'unknown'
    end as hours_source,
    coalesce(least_minutes <> measured_minutes, false) as has_conflicting_duration,
    passes_used, amount_eur,
    file.file_id as source_file_id, longest.line_rank - file.first_row + 2 as source_line
from counted
join core.dim_carnet as carnet on carnet.rowid = counted.carnet
join file on file.dataset = 'utilisations' and file.file_rank = longest.file_rank;

create table core.fct_attendance as select * exclude (source_file_id, source_line) from attended;

-- A session is held where and when the first of its attendances is; its line is that of the longest.
create temp table held_session as
select
    min(attended_on) as held_on,
    arg_min(lieu_siret, (attended_on, attendance_id)) as lieu_siret,
    arg_min(struct_pack(territory_code, minutes, source_file_id, source_line), (-minutes, attendance_id)) as longest
from attended
group by session_id;

create temp table listed_lieu as
from directory where rowid in (select max(rowid) from directory group by directory_id);

create table core.dim_lieu as
select
    lieu_siret, directory_id, lieu_name, address, postal_code, city_name, territory_code, latitude, longitude,
    typologies, services, target_audiences, fees, support_modes, access_modes, website, opening_hours,
    address_complement, phone, emails, summary, detail, directory_source, itinerancy, parent_organisation,
    specific_support, national_programmes, labels, other_labels, accessibility_page, booking_page, updated_on,
    referenced_from, referenced_until, false as is_inferred
from listed_lieu
union all by name
select
    lieu_siret,
    coalesce(min_by(lieu_name, place), 'Lieu hors annuaire ' || lieu_siret) as lieu_name,
    min_by(line_territory_code, place) as territory_code,
    true as is_inferred
from (
    select
        lieu_siret, lieu_name, line_territory_code,
        row_number() over (
            partition by lieu_siret order by line_territory_code is null, redeemed_at desc, redemption_id desc
        ) as place
    from use where lieu_siret not in (select lieu_siret from listed_lieu)
)
group by lieu_siret;

create table core.dim_territory as
with named_code as (
    select distinct territory_code as code from core.dim_carnet
    union select territory_code from current_prescription
    union select territory_code from listed_lieu where territory_code is not null
    union select line_territory_code from use where line_territory_code is not null
    union select code_insee from territory
    union select code_insee from commune
)
select
    code as territory_code,
    coalesce(territory.nom, commune.nom, 'Commune ' || code) as territory_name,
    coalesce(commune.type, 'hors Métropole') as territory_type,
    commune.code_departement as department_code,
    commune.ept_siren as ept_code,
    commune.ept_nom as ept_name,
    territory.code_insee is not null as is_participating,
    territory.ami,
    territory.date_entree as joined_on,
    territory.source as participation_source,
    territory.statut as participation_status,
    territory.cible_personnes as people_target,
    territory.cible_heures as hours_target,
    population, date_population as population_on, source_population as population_source,
    population_qpv as qpv_population, date_qpv as qpv_population_on, source_qpv as qpv_population_source,
    coalesce(merger.code_actuel, code) as current_code,
    (merger.date_effet - 1)::date as code_valid_until,
    commune.lon as longitude,
    commune.lat as latitude,
    commune.code_insee is null as is_inferred
from named_code
left join commune on commune.code_insee = code
left join territory on territory.code_insee = code
left join inhabitants on inhabitants.code_insee = code
left join merger on merger.code_insee = code and merger.date_effet <= getvariable('as_of');

create table core.dim_prescriber as
with named as (
    select distinct on (prescriber_siret) prescriber_siret, prescriber_name, prescriber_type, territory_code
    from current_prescription where prescriber_siret is not null
    order by prescriber_siret, prescriber_name is null, prescribed_on desc, prescription_id desc
),
supplied as (
    select prescriber_siret, max_by(territory_code, (issued_on, carnet_number)) as territory_code
    from emission
    where prescriber_siret is not null and rowid in (select max(rowid) from emission group by carnet_number)
    group by prescriber_siret
)
select
    prescriber_siret,
    coalesce(prescriber_name, 'Prescripteur ' || prescriber_siret) as prescriber_name,
    prescriber_type,
    coalesce(named.territory_code, supplied.territory_code) as territory_code,
    supplied.territory_code is not null as has_received_carnets,
    named.territory_code is not null as has_prescribed
from named
full join supplied using (prescriber_siret);

-- Anomalies are written only where there is one.
create table core.fct_redemption as
with conflict as (
    select attendance_id from core.fct_attendance where has_conflicting_duration
),
line as (
    select
        use.* exclude (session_id),
        exclusion_reason is null as is_counted,
        carnet.carnet_number, carnet.face_value_eur, carnet.use_territory_code,
        coalesce(
            case when not lieu.is_inferred then lieu.territory_code end, line_territory_code
        ) as lieu_territory_code,
        case when exclusion_reason is null then session_id end as session_id,
        case
            when exclusion_reason is null then md5(concat(carnet.carnet_number, chr(31), session_id))
        end as attendance_id,
        coalesce(redeemed_on < carnet.prescribed_on, false) as is_before_prescription,
        carnet.holding_prescription_id is null as is_without_prescription,
        redeemed_on > carnet.valid_until and redeemed_on <= carnet.tolerance_until as is_within_tolerance,
        redeemed_on > carnet.tolerance_until as is_after_tolerance,
        carnet.source_status in ('annule', 'retourne') and redeemed_on >= carnet.status_on as is_carnet_cancelled,
        carnet.source_status in ('perdu', 'vole') and redeemed_on >= carnet.status_on as is_carnet_lost_or_stolen,
        lieu.is_inferred or redeemed_on < lieu.referenced_from or redeemed_on > lieu.referenced_until
            as is_lieu_not_referenced,
        amount_eur <> carnet.face_value_eur as is_amount_not_face_value,
        redeemed_on > file.extract_date as is_future_date,
        lieu_territory_code is not null
        and lieu_territory_code not in (select code_insee from territory) as is_other_territory,
        file.file_id as source_file_id,
        line_rank - file.first_row + 2 as source_line
    from use
    join file on file.dataset = 'utilisations' and file.file_rank = use.file_rank
    left join core.dim_carnet as carnet on carnet.rowid = use.carnet
    left join core.dim_lieu as lieu using (lieu_siret)
)
select
    redemption_id, pass_number, carnet_number, redeemed_at, redeemed_on, lieu_siret,
    use_territory_code as territory_code,
    lieu_territory_code, service_code, modality, duration_minutes, amount_eur, face_value_eur, source_status,
    reimbursed_on, reimbursement_reference, is_counted, exclusion_reason,
    case
        when is_counted and (
            is_before_prescription or is_without_prescription or is_within_tolerance or is_after_tolerance
            or is_carnet_cancelled or is_carnet_lost_or_stolen or is_lieu_not_referenced or is_amount_not_face_value
            or conflict.attendance_id is not null or is_future_date or is_other_territory
        ) then list_filter([
            case when is_before_prescription then 'before_prescription' end,
            case when is_without_prescription then 'no_prescription' end,
            case when is_within_tolerance then 'within_tolerance' end,
            case when is_after_tolerance then 'after_tolerance' end,
            case when is_carnet_cancelled then 'carnet_cancelled' end,
            case when is_carnet_lost_or_stolen then 'carnet_lost_or_stolen' end,
            case when is_lieu_not_referenced then 'lieu_not_referenced' end,
            case when is_amount_not_face_value then 'amount_not_face_value' end,
            case when conflict.attendance_id is not null then 'conflicting_duration' end,
            case when is_future_date then 'future_date' end,
            case when is_other_territory then 'other_territory' end
        ], lambda anomaly: anomaly is not null)
        else []
    end as anomalies,
    line.attendance_id, session_id, source_file_id, source_line
from line
left join conflict on conflict.attendance_id = line.attendance_id;

create temp table first_use as
select
    carnet_number, any_value(territory_code) as territory_code, min(redeemed_on) as redeemed_on,
    min(redeemed_at) as redeemed_at,
    unnest(arg_min(
        struct_pack(redemption_id, lieu_siret, source_file_id, source_line), (redeemed_at, redemption_id)
    ))
from core.fct_redemption where is_counted
group by carnet_number;

create temp table started as select carnet_number, redeemed_on as first_used_on from first_use;

-- People, and two lines: the first that equipped them, and the earliest live one, whose answers are theirs.
create temp table person as
with held as (
    select
        beneficiary_key, min(prescribed_on) as equipped_on, min(first_used_on) as reached_on,
        count(*)::integer as carnets_held,
        arg_min(struct_pack(source_file_id, source_line), (prescribed_on, prescription_id)) as holding_line
    from core.fct_prescription
    left join started using (carnet_number)
    where is_holding and beneficiary_key is not null
    group by beneficiary_key
),
earliest as (
    select distinct on (beneficiary_key)
        beneficiary_key, territory_code, age_band, gender, situation, pic_answer, qpv_answer, source_file_id,
        source_line
    from core.fct_prescription where is_live and beneficiary_key is not null
    order by beneficiary_key, prescribed_on, prescription_id
)
select
    beneficiary_key as person_key, true as is_identified, territory_code, equipped_on, reached_on, carnets_held,
    age_band, gender, situation, pic_answer, qpv_answer, holding_line, source_file_id, source_line
from held join earliest using (beneficiary_key)
union all
select
    'carnet:' || carnet_number, false, use_territory_code, null, first_used_on, 1, null, null, null, null, null, null,
    null, null
from started join core.dim_carnet using (carnet_number)
where not is_identified;

create table core.dim_person as select * exclude (holding_line, source_file_id, source_line) from person;

create table core.fct_pass as
with pass as (
    select carnet.*, issued.pass
    from issued join core.dim_carnet as carnet on carnet.rowid = issued.carnet
),
settled as (
    select
        pass.*, use.redemption_id, use.redeemed_on, use.lieu_siret,
        case
            when use.redemption_id is not null then 'used'
            when cancelled_on is not null then 'cancelled'
            when is_expired then 'expired'
            when holding_prescription_id is not null then 'prescribed'
            when delivered_on is not null then 'with_prescriber'
            else 'in_stock'
        end as status
    from pass
    left join use on use.pass = pass.pass and use.exclusion_reason is null
)
select
    lpad(pass::varchar, length(first_pass)::integer, '0') as pass_number,
    carnet_number, face_value_eur, territory_code, use_territory_code, prescriber_siret, lot_code, order_reference,
    validity_year, status, issued_on, delivered_on, prescribed_on, redeemed_on as used_on, cancelled_on, valid_until,
    tolerance_until,
    case status
        when 'used' then redeemed_on when 'cancelled' then cancelled_on
        when 'expired' then (tolerance_until + 1)::date
    end as left_on,
    holding_prescription_id is not null as is_prescribed,
    lieu_siret, redemption_id
from settled;
