-- A recovery that repays nothing: its reference is no overpaid counter-payment's, it exceeds what is owed under it, or
-- its category is not the face value. The money is in the treasury all the same: the entry must be mended.
{{ config(severity='warn', meta={
    'code': 'PN-324', 'owner': 'MGP',
    'sentence': "Chaque recouvrement sur un lieu (valeur faciale) porte la référence d'un trop-perçu, et ne le dépasse pas.",
    'dagster': {'ref': {'name': 'fct_recovery'}},
}) }}
select
    entry_id,
    reimbursement_reference,
    amount_eur
from {{ ref('fct_recovery') }}
where lieu_siret is null

union all

select
    entry_id,
    reference,
    amount_incl_tax_eur
from {{ ref('fct_budget_entry') }}
where is_counted and nature = 'recouvrement_lieu' and category <> 'valeur_faciale'
