{% set is_withdrawn %}{{ withdrawn_because('source_status') }} is not null{% endset %}
with payment as (
    select * from {{ ref('int_counter_payment') }}
),

-- Still due: what the current version of a counted line says of this very payment. The rest is to be given back.
judged as not materialized (
    select
        payment.*,
        redemption.pass_number,
        redemption.exclusion_reason,
        redemption.reimbursement_reference as current_reference,
        redemption.reimbursed_on as current_day,
        redemption.source_status,
        coalesce(payment.last_rank = redemption.version_rank, false) as is_borne,
        case
            when redemption.is_counted and payment.last_rank = redemption.version_rank
                then least(redemption.amount_eur, payment.amount_eur)
            else 0
        end as supported_eur
    from payment
    inner join {{ ref('int_redemption') }} as redemption using (redemption_id)
),

overpaid as (
    select
        *,
        case
            when exclusion_reason = 'cancelled' then 'utilisation_annulee'
            when exclusion_reason = 'rejected' then 'utilisation_rejetee'
            when exclusion_reason = 'unknown_pass' then 'pass_inconnu'
            when exclusion_reason = 'after_as_of' then 'utilisation_a_venir'
            when exclusion_reason = 'duplicate_use' then 'double_utilisation'
            when is_borne then 'montant_corrige'
            when current_day is null and (current_reference is null or not {{ is_reimbursed('source_status') }})
                then 'paiement_efface'
            else 'paiement_remplace'
        end as cause
    from judged
    where amount_eur > supported_eur
),

-- The use that holds the pass of a line paid twice.
rival as (
    select
        overpaid.redemption_id,
        counted.redemption_id as rival_id
    from overpaid
    inner join {{ ref('int_redemption') }} as counted using (pass_number)
    where overpaid.cause = 'double_utilisation' and counted.is_counted
    group by all
),

concerned as (
    select redemption_id from overpaid
    union
    select rival_id from rival
),

-- Deliveries repeat: what corrected a line is the first version that said what the current one says.
change as (
    select
        redemption_id,
        version_rank,
        row({{ is_withdrawn }}, delivered_pass_number, redeemed_at)
        is distinct from lag(row({{ is_withdrawn }}, delivered_pass_number, redeemed_at)) over line as changes_use,
        row(bears_payment, lieu_siret, reimbursement_reference, reimbursed_on, amount_eur)
        is distinct from lag(
            row(bears_payment, lieu_siret, reimbursement_reference, reimbursed_on, amount_eur)
        ) over line as changes_payment
    from {{ ref('int_use_version') }}
    semi join concerned using (redemption_id)
    window line as (partition by redemption_id order by version_rank)
),

corrected as (
    select
        redemption_id,
        max(version_rank) filter (where changes_use) as use_rank,
        max(version_rank) filter (where changes_payment) as payment_rank
    from change
    group by redemption_id
),

-- For a pass used twice, the later of the two lines: before it, nothing was wrong.
correction as (
    select
        overpaid.redemption_id,
        overpaid.lieu_siret,
        overpaid.reimbursement_reference,
        overpaid.reimbursed_on,
        overpaid.cause,
        case when other.use_rank > own.use_rank then other.redemption_id else own.redemption_id end as corrected_id,
        case
            when overpaid.exclusion_reason is null then own.payment_rank
            else greatest(own.use_rank, coalesce(other.use_rank, 0))
        end as version_rank
    from overpaid
    inner join corrected as own using (redemption_id)
    left join rival using (redemption_id)
    left join corrected as other on rival.rival_id = other.redemption_id
),

receivable as (
    select
        correction.*,
        version.extract_date,
        version.source_file_id,
        {{ line_of('correction.version_rank') }} as source_line
    from correction
    inner join {{ ref('stg_utilisations_file') }} as version
        on {{ file_of('correction.version_rank') }} = version.file_rank
)

select
    md5(concat_ws(
        chr(31), judged.redemption_id, judged.lieu_siret, coalesce(judged.reimbursement_reference, ''),
        coalesce(cast(judged.reimbursed_on as varchar), '')
    )) as payment_id,
    judged.redemption_id,
    judged.lieu_siret,
    judged.reimbursement_reference,
    judged.reimbursed_on,
    judged.booked_on,
    judged.amount_eur,
    judged.known_on as payment_known_on,
    judged.source_file_id,
    judged.source_line,
    cast(judged.supported_eur as decimal(18, 2)) as supported_eur,
    cast(judged.amount_eur - judged.supported_eur as decimal(18, 2)) as overpaid_eur,
    receivable.cause,
    -- Never before the payment itself.
    case
        when receivable.cause is not null
            then greatest(receivable.extract_date, judged.known_on, judged.booked_on)
    end as receivable_known_on,
    receivable.source_file_id as receivable_file_id,
    receivable.source_line as receivable_line
from judged
left join receivable
    on judged.redemption_id = receivable.redemption_id
    and judged.lieu_siret = receivable.lieu_siret
    and judged.reimbursement_reference is not distinct from receivable.reimbursement_reference
    and judged.reimbursed_on is not distinct from receivable.reimbursed_on
