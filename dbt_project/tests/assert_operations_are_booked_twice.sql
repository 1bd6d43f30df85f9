-- Protects from a general balance whose debits are not its credits: whoever holds the account refuses it (D. 1611-25, 1°).
-- What the operator holds or is owed = what it owes, operation by operation.
{{ config(meta={
    'code': 'PN-331', 'owner': 'MGP',
    'sentence': "Chaque opération du mandat est passée deux fois, au débit d'un compte et au crédit d'un autre : la balance générale s'équilibre au centime près.",
    'dagster': {'ref': {'name': 'mandate_operation'}},
}) }}
select *
from {{ ref('mandate_operation') }}
where treasury_eur + receivable_eur
    <> circulation_eur + payable_eur + credit_note_eur + principal_eur + suspense_eur
