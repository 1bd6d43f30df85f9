-- The proof: what each delivered line brings to each figure, the files behind each figure, what became of each line.
-- Here a line causes an event once at most: the clean deliveries have one record a line.

create schema proof;

create table proof.measure as
select code, label, rank is not null as is_indicator, event, measure, natures, rule, unit, by_territory from dictionary;

create table proof.contribution as
with left_unused as (
    select carnet_number, status, any_value(left_on) as left_on, count(*) as passes, sum(face_value_eur) as face_value_eur
    from core.fct_pass where status in ('expired', 'cancelled')
    group by all
),
-- A person is counted once in the month of a lieu, on their first attendance there.
visit as (
    select
        *,
        row_number() over (
            partition by lieu_siret, date_trunc('month', attended_on), person_key order by attended_on, attendance_id
        ) = 1 as is_first
    from attended
),
reached as (
    select
        person_key,
        arg_min(
            struct_pack(lieu_siret, source_file_id := first_use.source_file_id, source_line := first_use.source_line),
            (redeemed_at, redemption_id)
        ) as line
    from first_use join core.dim_carnet using (carnet_number)
    group by person_key
),
answer as (
    select * from person
    where is_identified and (pic_answer in ('oui', 'non') or qpv_answer in ('oui', 'non'))
),
event as (
    select
        'issue' as event, issued_on as event_on, territory_code, territory_code as account_code, order_reference, lot_code,
        pass_count as passes, pass_count * face_value_eur as face_value_eur, source_file_id, source_line
    from core.dim_carnet
    union all by name
    select
        case status when 'expired' then 'expiry' else 'cancellation' end as event, left_on as event_on, territory_code,
        territory_code as account_code, order_reference, lot_code, passes, left_unused.face_value_eur, source_file_id,
        source_line
    from left_unused join core.dim_carnet using (carnet_number)
    union all by name
    select
        'prescription' as event, holding.prescribed_on as event_on, use_territory_code as territory_code,
        carnet.territory_code as account_code, pass_count as passes, pass_count * face_value_eur as face_value_eur,
        holding.source_file_id, holding.source_line
    from core.dim_carnet as carnet
    join core.fct_prescription as holding on holding.prescription_id = holding_prescription_id
    union all by name
    select
        'use' as event, if(line.source_status = 'remboursee', 'reimbursed', 'not_reimbursed') as nature,
        redeemed_on as event_on, line.territory_code, carnet.territory_code as account_code, lieu_siret, 1 as passes,
        line.face_value_eur, amount_eur, (len(anomalies) > 0)::integer as passes_with_anomaly, line.source_file_id,
        line.source_line
    from core.fct_redemption as line
    join core.dim_carnet as carnet using (carnet_number)
    where is_counted
    union all by name
    select
        'attendance' as event, hours_source as nature, attended_on as event_on, territory_code, lieu_siret, minutes,
        is_first::integer as people, source_file_id, source_line
    from visit
    union all by name
    select
        'session' as event, held_on as event_on, longest.territory_code, lieu_siret, longest.minutes,
        longest.source_file_id, longest.source_line
    from held_session
    union all by name
    select
        'equipped' as event, equipped_on as event_on, territory_code, 1 as people,
        holding_line.source_file_id, holding_line.source_line
    from person where is_identified
    union all by name
    select
        'reached' as event, if(is_identified, 'identified', 'anonymous') as nature, reached_on as event_on,
        territory_code, line.lieu_siret, 1 as people, line.source_file_id, line.source_line
    from core.dim_person join reached using (person_key)
    union all by name
    select
        'pic_answer' as event, equipped_on as event_on, territory_code, (pic_answer = 'oui')::integer as numerator,
        1 as denominator, source_file_id, source_line
    from answer where pic_answer in ('oui', 'non')
    union all by name
    select
        'qpv_answer' as event, equipped_on as event_on, territory_code, (qpv_answer = 'oui')::integer as numerator,
        1 as denominator, source_file_id, source_line
    from answer where qpv_answer in ('oui', 'non')
    union all by name
    select
        'carnet_started' as event, redeemed_on as event_on, territory_code, lieu_siret, source_file_id, source_line
    from first_use
    union all by name
    select
        'territory_opened' as event, min(redeemed_on) as event_on, territory_code, 1 as territories,
        unnest(arg_min(struct_pack(source_file_id, source_line), (redeemed_at, redemption_id)))
    from first_use join core.dim_territory using (territory_code)
    where is_participating
    group by territory_code
    union all by name
    select
        'lieu_opened' as event, redeemed_on as event_on, lieu.territory_code, lieu_siret, 1 as lieux, source_file_id,
        source_line
    from (
        select
            lieu_siret, min(redeemed_on) as redeemed_on,
            unnest(arg_min(struct_pack(source_file_id, source_line), (redeemed_at, redemption_id)))
        from core.fct_redemption where is_counted
        group by lieu_siret
    ) join core.dim_lieu as lieu using (lieu_siret)
    where not is_inferred
    union all by name
    select
        'counter_payment' as event, booked_on as event_on, lieu_siret, reimbursement_reference as reference,
        1 as passes, amount_eur, source_file_id, source_line
    from core.fct_counter_payment
    union all by name
    select
        'receivable' as event, cause as nature, receivable_known_on as event_on, lieu_siret,
        reimbursement_reference as reference, count(*) as passes, sum(overpaid_eur) as amount_eur,
        receivable_file_id as source_file_id, receivable_line as source_line
    from core.fct_counter_payment where overpaid_eur > 0
    group by all
    union all by name
    select
        'recovery' as event, recovered_on as event_on, lieu_siret, reimbursement_reference as reference, amount_eur,
        source_file_id, source_line
    from core.fct_recovery
    union all by name
    select
        'budget' as event, nature, entered_on as event_on, reference, category, order_reference, ami,
        if(nature = 'avoir', -amount_incl_tax_eur, amount_incl_tax_eur) as amount_eur,
        case when category = 'valeur_faciale' then amount_eur end as face_value_eur, source_file_id, source_line
    from core.fct_budget_entry where is_counted
)
select
    event, nature, event_on, territory_code, account_code, lieu_siret, reference, category, order_reference, lot_code,
    coalesce(event.ami, territory.ami) as ami,
    1 as events, passes::integer as passes, face_value_eur::decimal(18, 2) as face_value_eur,
    amount_eur::decimal(18, 2) as amount_eur, minutes, people, territories, lieux, passes_with_anomaly, numerator,
    denominator, source_file_id, source_line
from event
left join core.dim_territory as territory using (territory_code);

create temp table wanted as
select code, unit, event, measure, string_split(natures, ' | ') as natures from proof.measure;

create table proof.figure_source as
with summed as (
    select
        event, nature, territory_code, ami, date_trunc('month', event_on)::date as month, source_file_id,
        count(*) as lines, min(event_on) as first_on, max(event_on) as last_on, sum(events) as events,
        sum(passes) as passes, sum(face_value_eur) as face_value_eur, sum(amount_eur) as amount_eur,
        sum(minutes) as minutes, sum(people) as people, sum(territories) as territories, sum(lieux) as lieux,
        sum(passes_with_anomaly) as passes_with_anomaly, sum(numerator) as numerator, sum(denominator) as denominator
    from proof.contribution
    group by all
)
select
    code as indicator, territory_code, ami, month, source_file_id, sum(lines)::bigint as lines,
    min(first_on) as first_on, max(last_on) as last_on,
    sum(
        case measure
            when 'events' then events when 'passes' then passes when 'face_value_eur' then face_value_eur
            when 'amount_eur' then amount_eur when 'minutes' then minutes when 'people' then people
            when 'territories' then territories when 'lieux' then lieux
            when 'passes_with_anomaly' then passes_with_anomaly when 'numerator' then numerator
        end::decimal(18, 2)
    )::decimal(18, 2) as value,
    sum(denominator)::bigint as denominator
from summed join wanted using (event)
where natures is null or list_contains(natures, nature)
group by all;

create table proof.lieu_source as
with summed as (
    select
        event, nature, lieu_siret, date_trunc('month', event_on)::date as month, source_file_id, count(*) as lines,
        min(event_on) as first_on, max(event_on) as last_on, sum(events) as events, sum(passes) as passes,
        sum(face_value_eur) as face_value_eur, sum(amount_eur) as amount_eur, sum(minutes) as minutes,
        sum(passes_with_anomaly) as passes_with_anomaly
    from proof.contribution where event in ('use', 'attendance', 'session') and lieu_siret is not null
    group by all
)
select
    code as indicator, lieu_siret, territory_code, month, source_file_id, sum(lines)::bigint as lines,
    min(first_on) as first_on, max(last_on) as last_on,
    sum(
        case measure
            when 'events' then events when 'passes' then passes when 'face_value_eur' then face_value_eur
            when 'amount_eur' then amount_eur when 'minutes' then minutes
            when 'passes_with_anomaly' then passes_with_anomaly
        end::decimal(18, 2)
    )::decimal(18, 2) as value
from summed join wanted using (event) join core.dim_lieu using (lieu_siret)
where unit <> 'personne' and (natures is null or list_contains(natures, nature))
group by all;

create table proof.line as
with duplicate as (
    select later.redemption_id, counted.source_file_id, counted.source_line
    from core.fct_redemption as later
    join core.fct_redemption as counted using (pass_number)
    where later.exclusion_reason = 'duplicate_use' and counted.is_counted
),
lost as (
    select lost.prescription_id, holding.source_file_id, holding.source_line
    from core.fct_prescription as lost
    join core.fct_prescription as holding using (carnet_number)
    where lost.has_lost_carnet and holding.is_holding
),
version as (
    select
        'utilisations' as dataset, version.file_rank, version.rowid as line_rank, line.line_rank as current_rank,
        line.file_rank as current_file, exclusion_reason as reason, duplicate.source_file_id as other_file_id,
        duplicate.source_line as other_line
    from redemption as version join use as line using (redemption_id) left join duplicate using (redemption_id)
    union all
    select
        'prescriptions', version.file_rank, version.rowid, line.line_rank, line.file_rank,
        case
            when not fact.is_live and fact.prescribed_on > getvariable('as_of') then 'after_as_of'
            when not fact.is_live then 'cancelled'
            when fact.has_lost_carnet then 'lost_carnet'
            when fact.carnet_number not in (select carnet_number from core.dim_carnet) then 'unknown_carnet'
        end,
        lost.source_file_id, lost.source_line
    from prescription as version
    join current_prescription as line using (prescription_id)
    join core.fct_prescription as fact using (prescription_id)
    left join lost using (prescription_id)
    union all by name
    select
        'emissions' as dataset, version.file_rank, version.rowid as line_rank, line.line_rank as current_rank,
        line.current_file, case when issued_on > getvariable('as_of') then 'after_as_of' end as reason
    from emission as version join (
        select carnet_number, max(rowid) as line_rank, max(file_rank) as current_file
        from emission group by carnet_number
    ) as line using (carnet_number)
    union all by name
    select
        'budget' as dataset, version.file_rank, version.rowid as line_rank, line.line_rank as current_rank,
        line.current_file, case when entered_on > getvariable('as_of') then 'after_as_of' end as reason
    from entry as version join (
        select entry_id, max(rowid) as line_rank, max(file_rank) as current_file from entry group by entry_id
    ) as line using (entry_id)
    union all by name
    select
        'lieux' as dataset, version.file_rank, version.rowid as line_rank, line.line_rank as current_rank,
        line.current_file, 'describes' as reason
    from directory as version join (
        select directory_id, max(rowid) as line_rank, max(file_rank) as current_file from directory group by directory_id
    ) as line using (directory_id)
    union all by name
    select
        'services' as dataset, version.file_rank, version.rowid as line_rank, line.line_rank as current_rank,
        line.current_file, 'describes' as reason
    from service as version join (
        select service_code, max(rowid) as line_rank, max(file_rank) as current_file from service group by service_code
    ) as line using (service_code)
)
select
    version.dataset, file.file_id as source_file_id, line_rank - file.first_row + 2 as source_line,
    case when line_rank = current_rank then reason else 'older_version' end as reason,
    case when line_rank = current_rank then other_file_id else current_one.file_id end as other_file_id,
    case when line_rank = current_rank then other_line else current_rank - current_one.first_row + 2 end as other_line,
    1 as records
from version
join file on file.dataset = version.dataset and file.file_rank = version.file_rank
join file as current_one on current_one.dataset = version.dataset and current_one.file_rank = version.current_file;
