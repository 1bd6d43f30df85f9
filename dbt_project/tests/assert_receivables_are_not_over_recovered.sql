-- Protects from a debt repaid twice, or a recovery lost: what is recovered is at most what is owed, and every euro
-- recovered is allocated once (figures, a payment made stays made).
{{ config(meta={
    'code': 'PN-323', 'owner': 'MGP',
    'sentence': "Un trop-perçu n'est jamais recouvré au-delà de son montant, et chaque euro rendu par un lieu est affecté une fois.",
    'dagster': {'ref': {'name': 'mandate_receivable'}},
}) }}
select
    lieu_siret || ' ' || reimbursement_reference as subject,
    amount_eur as expected,
    recovered_eur as observed
from {{ ref('mandate_receivable') }}
where recovered_eur > amount_eur or open_eur <> amount_eur - recovered_eur

union all

select
    'recoveries' as subject,
    coalesce(sum(entry.amount_incl_tax_eur), 0) as expected,
    (select coalesce(sum(amount_eur), 0) from {{ ref('fct_recovery') }}) as observed
from {{ ref('fct_budget_entry') }} as entry
where entry.is_counted and entry.nature = 'recouvrement_lieu' and entry.category = 'valeur_faciale'
having expected <> observed
