-- Grain: one row per counted redemption paid back to its lieu (statut remboursee).
select
    redemption_id,
    lieu_siret,
    territory_code,
    redeemed_on,
    reimbursed_on,
    reimbursement_reference,
    amount_eur
from {{ ref('fct_redemption') }}
where is_counted and source_status = 'remboursee'
