-- Protects from a payment lost: every payment that any delivered version names (line, lieu, reference, day) is in the
-- facts; a version that bears one without naming it whole leaves at least one payment of its line and lieu; the euros
-- of a lieu never fall under the largest amount each line announced to it (figures, a payment made stays made).
{{ config(meta={
    'code': 'PN-321', 'owner': 'MGP',
    'sentence': "Un paiement fait reste fait : tout contre-paiement livré un jour se retrouve, au centime, dans les faits.",
    'dagster': {'ref': {'name': 'fct_counter_payment'}},
}) }}
with delivered as (
    select
        redemption_id,
        lieu_siret,
        reimbursement_reference,
        reimbursed_on,
        amount_eur
    from {{ ref('stg_utilisations_version') }}
    where (source_status = 'remboursee' or reimbursed_on is not null)
        and (reimbursed_on is null or reimbursed_on <= {{ as_of() }})
),

held as (
    select
        lieu_siret,
        sum(amount_eur) as amount_eur
    from {{ ref('fct_counter_payment') }}
    group by lieu_siret
),

by_line as (
    select
        redemption_id,
        lieu_siret,
        max(amount_eur) as amount_eur
    from delivered
    where reimbursed_on is not null
    group by all
),

announced as (
    select
        lieu_siret,
        sum(amount_eur) as amount_eur
    from by_line
    group by lieu_siret
)

select
    'payment of a line not found, or lower' as what,
    delivered.redemption_id as subject,
    max(delivered.amount_eur) as expected,
    max(payment.amount_eur) as observed
from delivered
left join {{ ref('fct_counter_payment') }} as payment
    using (redemption_id, lieu_siret, reimbursement_reference, reimbursed_on)
where delivered.reimbursement_reference is not null and delivered.reimbursed_on is not null
    and (payment.amount_eur is null or payment.amount_eur < delivered.amount_eur)
group by delivered.redemption_id, delivered.lieu_siret, delivered.reimbursement_reference, delivered.reimbursed_on

union all

-- one named whole is looked for above
select
    'line paid without a payment',
    delivered.redemption_id,
    max(delivered.amount_eur),
    null
from delivered
anti join {{ ref('fct_counter_payment') }} as payment using (redemption_id, lieu_siret)
where delivered.reimbursed_on is not null and delivered.reimbursement_reference is null
group by delivered.redemption_id, delivered.lieu_siret

union all

select
    'euros of a lieu',
    announced.lieu_siret,
    announced.amount_eur,
    coalesce(held.amount_eur, 0)
from announced
left join held using (lieu_siret)
where announced.amount_eur > coalesce(held.amount_eur, 0)
