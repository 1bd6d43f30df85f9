with source as not materialized (
    select * from {{ source('lake', 'utilisations') }}
),

{{ current_version('id_utilisation') }}

select
    id_utilisation as redemption_id,
    numero_pass as delivered_pass_number,
    date_utilisation as redeemed_at,
    siret_lieu as lieu_siret,
    nom_lieu as lieu_name,
    code_insee_lieu as delivered_lieu_territory_code,
    code_service as service_code,
    id_session as delivered_session_id,
    modalite as modality,
    duree_minutes as duration_minutes,
    montant as amount_eur,
    statut as source_status,
    date_remboursement as reimbursed_on,
    reference_remboursement as reimbursement_reference,
    source_file_id,
    source_line,
    version_rank,
    extract_date
from current_version
