-- Protects the two accounts of a payment: what was paid is either still supported by a counted line, once, or a
-- receivable with its cause, its day and its line; the published receivables are their sum (figures, mandate ledger).
{{ config(meta={
    'code': 'PN-322', 'owner': 'MGP',
    'sentence': "Chaque euro contre-payé est justifié par une utilisation comptée, une seule fois, ou compté en trop-perçu avec sa cause.",
    'dagster': {'ref': {'name': 'mandate_receivable'}},
}) }}
with supported as (
    select
        payment.redemption_id,
        sum(payment.supported_eur) as supported_eur,
        any_value(case when redemption.is_counted then redemption.amount_eur else 0 end) as amount_eur
    from {{ ref('fct_counter_payment') }} as payment
    inner join {{ ref('fct_redemption') }} as redemption using (redemption_id)
    group by payment.redemption_id
)

select
    'a payment' as what,
    payment_id as subject,
    amount_eur as expected,
    supported_eur + overpaid_eur as observed
from {{ ref('fct_counter_payment') }}
where amount_eur <> supported_eur + overpaid_eur
    or supported_eur < 0
    or overpaid_eur < 0
    or (overpaid_eur > 0) <> (
        cause is not null and receivable_known_on is not null
        and receivable_file_id is not null and receivable_line is not null
    )

union all

select
    'a use that supports more than its amount',
    redemption_id,
    amount_eur,
    supported_eur
from supported
where supported_eur > amount_eur

union all

select
    'the receivables published',
    'programme',
    (select coalesce(sum(overpaid_eur), 0) from {{ ref('fct_counter_payment') }}),
    (select coalesce(sum(amount_eur), 0) from {{ ref('mandate_receivable') }})
where (select coalesce(sum(overpaid_eur), 0) from {{ ref('fct_counter_payment') }})
    <> (select coalesce(sum(amount_eur), 0) from {{ ref('mandate_receivable') }})
