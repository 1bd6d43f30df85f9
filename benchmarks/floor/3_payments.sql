-- The money that left the mandate for the lieux: what was paid, what was paid too much, what came back.
-- A payment made stays made: each one that any delivered version of a line names, once. Nearly always the current
-- version alone names one; only the lines that an earlier version pays too are compared, version by version.

create temp table repaid_line as
select distinct redemption_id from redemption
where (source_status = 'remboursee' or reimbursed_on is not null) and rowid not in (select line_rank from use);

create temp table payment as
with version as (
    select
        redemption_id, lieu_siret, reimbursement_reference as reference, reimbursed_on as day,
        reference is null and day is null as is_blank,
        max(amount_eur) as amount_eur, min(file_rank) as file_rank, min(rowid) as first_rank, max(rowid) as last_rank
    from redemption semi join repaid_line using (redemption_id)
    where source_status = 'remboursee' or reimbursed_on is not null
    group by all
),
line as (
    select
        redemption_id, lieu_siret, min(reference) as reference, min(day) as day,
        max(reference) is not distinct from min(reference) and max(day) is not distinct from min(day) as is_one
    from version
    group by all
),
-- A half takes what it lacks from a whole payment of its line, lieu and day (or reference).
filled as (
    select
        version.* replace (
            case
                when is_one then line.reference when version.day is null then version.reference
                else coalesce(version.reference, min(version.reference) over (
                    partition by redemption_id, lieu_siret, version.day))
            end as reference,
            case
                when is_one then line.day when version.reference is null then version.day
                else coalesce(version.day, min(version.day) over (
                    partition by redemption_id, lieu_siret, version.reference))
            end as day
        )
    from version join line using (redemption_id, lieu_siret)
),
first_known as (
    select redemption_id, lieu_siret, min_by(struct_pack(reference := reference, day := day), first_rank) as told
    from filled where reference is not null or day is not null
    group by all
),
-- A version with neither is the first payment known of its line and lieu; it does not bear it.
completed as (
    select
        filled.* replace (
            case when reference is null and day is null then told.reference else reference end as reference,
            case when reference is null and day is null then told.day else day end as day
        )
    from filled left join first_known using (redemption_id, lieu_siret)
),
compared as (
    select
        redemption_id, lieu_siret, reference, day, max(amount_eur) as amount_eur, min(file_rank) as file_rank,
        min(first_rank) as first_rank,
        max(last_rank) filter (where not is_blank or (reference is null and day is null)) as last_rank
    from completed
    group by redemption_id, lieu_siret, reference, day
),
-- Still due: what the current version of a counted line says of this very payment.
judged as (
    select
        redemption_id, lieu_siret, reimbursement_reference as reference, reimbursed_on as day, amount_eur, file_rank,
        line_rank as first_rank, true as is_borne,
        case when exclusion_reason is null then amount_eur else 0 end as supported_eur
    from use
    where (source_status = 'remboursee' or reimbursed_on is not null)
        and redemption_id not in (select redemption_id from repaid_line)
    union all
    select
        redemption_id, compared.lieu_siret, reference, day, compared.amount_eur, compared.file_rank, first_rank,
        coalesce(last_rank = line_rank, false),
        case
            when exclusion_reason is null and last_rank = line_rank then least(use.amount_eur, compared.amount_eur)
            else 0
        end
    from compared join use using (redemption_id)
)
from judged where day is null or day <= getvariable('as_of');

create temp table receivable as
with overpaid as (
    select
        payment.rowid as payment, redemption_id, exclusion_reason, pass,
        case
            when exclusion_reason = 'cancelled' then 'utilisation_annulee'
            when exclusion_reason = 'rejected' then 'utilisation_rejetee'
            when exclusion_reason = 'unknown_pass' then 'pass_inconnu'
            when exclusion_reason = 'after_as_of' then 'utilisation_a_venir'
            when exclusion_reason = 'duplicate_use' then 'double_utilisation'
            when is_borne then 'montant_corrige'
            when reimbursed_on is null and (reimbursement_reference is null or source_status <> 'remboursee')
                then 'paiement_efface'
            else 'paiement_remplace'
        end as cause
    from payment join use using (redemption_id)
    where payment.amount_eur > supported_eur
),
rival as (
    select distinct overpaid.redemption_id, use.redemption_id as rival_id
    from overpaid join use on use.pass = overpaid.pass and use.exclusion_reason is null
    where cause = 'double_utilisation'
),
-- What corrected a line: the first version after the last one that said something else than the current one.
told as (
    select
        redemption_id, version.rowid as told_rank,
        max(version.rowid) filter (
            where (version.source_status in ('annulee', 'rejetee'), version.pass_number, version.redeemed_at)
                is distinct from (use.source_status in ('annulee', 'rejetee'), use.pass_number, use.redeemed_at)
        ) over line as other_use,
        max(version.rowid) filter (
            where (
                version.source_status = 'remboursee' or version.reimbursed_on is not null, version.lieu_siret,
                version.reimbursement_reference, version.reimbursed_on, version.amount_eur
            ) is distinct from (
                use.source_status = 'remboursee' or use.reimbursed_on is not null, use.lieu_siret,
                use.reimbursement_reference, use.reimbursed_on, use.amount_eur
            )
        ) over line as other_payment
    from redemption as version
    join use using (redemption_id)
    where redemption_id in (select redemption_id from overpaid union all select rival_id from rival)
    window line as (partition by redemption_id)
),
corrected as (
    select
        redemption_id,
        min(told_rank) filter (where told_rank > coalesce(other_use, -1)) as use_rank,
        min(told_rank) filter (where told_rank > coalesce(other_payment, -1)) as payment_rank
    from told
    group by redemption_id
)
select payment, cause, extract_date, file_id, version.rowid - first_row + 2 as source_line
from overpaid
join corrected as own using (redemption_id)
left join rival using (redemption_id)
left join corrected as other on other.redemption_id = rival_id
join redemption as version on version.rowid =
    case when exclusion_reason is null then own.payment_rank else greatest(own.use_rank, other.use_rank) end
join file on file.dataset = 'utilisations' and file.file_rank = version.file_rank;

create table core.fct_counter_payment as
select
    md5(concat_ws(
        chr(31), redemption_id, lieu_siret, coalesce(reference, ''), coalesce(day::varchar, '')
    )) as payment_id,
    redemption_id, lieu_siret, reference as reimbursement_reference, day as reimbursed_on,
    coalesce(day, file.extract_date) as booked_on,
    amount_eur,
    file.extract_date as payment_known_on,
    file.file_id as source_file_id,
    first_rank - first_row + 2 as source_line,
    supported_eur::decimal(18, 2) as supported_eur,
    (amount_eur - supported_eur)::decimal(18, 2) as overpaid_eur,
    cause,
    case
        when cause is not null then greatest(receivable.extract_date, file.extract_date, booked_on)
    end as receivable_known_on,
    receivable.file_id as receivable_file_id,
    receivable.source_line as receivable_line
from payment
join file on file.dataset = 'utilisations' and file.file_rank = payment.file_rank
left join receivable on receivable.payment = payment.rowid;

-- Debts of one reference laid end to end (known first, then the smallest SIRET), recoveries too: each repays what it
-- overlaps, and what goes beyond the last debt repays nothing.
create table core.fct_recovery as
with debt as (
    select
        *, sum(eur) over (partition by reference order by known_on, lieu_siret) as ends_at
    from (
        select
            coalesce(reimbursement_reference, '') as reference, lieu_siret, sum(overpaid_eur) as eur,
            min(receivable_known_on) as known_on
        from core.fct_counter_payment where overpaid_eur > 0
        group by all
    )
),
entry as (
    select
        entry_id, reference as named, coalesce(reference, '') as reference, entered_on, source_file_id, source_line,
        amount_incl_tax_eur as eur,
        sum(eur) over (partition by coalesce(reference, '') order by entered_on, entry_id) as ends_at
    from core.fct_budget_entry
    where is_counted and nature = 'recouvrement_lieu' and category = 'valeur_faciale' and amount_incl_tax_eur > 0
),
owed as (
    select reference, lieu_siret, ends_at - eur as starts_at, ends_at from debt
    union all
    select reference, null, coalesce(max(debt.ends_at), 0), 999999999999999.00
    from (select distinct reference from entry) left join debt using (reference)
    group by reference
)
select
    entry_id, lieu_siret, named as reimbursement_reference, entered_on as recovered_on,
    (least(entry.ends_at, owed.ends_at) - greatest(entry.ends_at - eur, starts_at))::decimal(18, 2) as amount_eur,
    source_file_id, source_line
from entry
join owed on owed.reference = entry.reference
    and entry.ends_at > starts_at and entry.ends_at - eur < owed.ends_at;
