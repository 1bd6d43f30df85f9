{{ config(materialized='view') }}
with source as not materialized (
    select * from {{ source('lake', 'utilisations') }}
),

{{ version_order() }}

select
    id_utilisation as redemption_id,
    version_rank,
    numero_pass as delivered_pass_number,
    date_utilisation as redeemed_at,
    siret_lieu as lieu_siret,
    nom_lieu as lieu_name,
    montant as amount_eur,
    statut as source_status,
    date_remboursement as reimbursed_on,
    reference_remboursement as reimbursement_reference,
    source_file_id,
    source_line,
    extract_date
from ranked
