with source as (
    select * from {{ source('lake', 'emissions') }}
),

{{ current_version('numero_carnet') }}

select
    numero_carnet as carnet_number,
    premier_pass as first_pass,
    dernier_pass as last_pass,
    valeur_faciale as face_value_eur,
    numero_lot as lot_code,
    bon_commande as order_reference,
    code_insee as territory_code,
    siret_prescripteur as prescriber_siret,
    date_emission as issued_on,
    date_livraison as delivered_on,
    date_fin_validite as valid_until,
    statut as source_status,
    date_statut as status_on,
    source_file_id,
    source_line,
    extract_date
from current_version
