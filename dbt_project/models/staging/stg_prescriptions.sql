with source as not materialized (
    select * from {{ source('lake', 'prescriptions') }}
),

{{ current_version('id_prescription') }}

select
    id_prescription as prescription_id,
    numero_carnet as carnet_number,
    date_prescription as prescribed_on,
    siret_prescripteur as prescriber_siret,
    nom_prescripteur as prescriber_name,
    type_prescripteur as prescriber_type,
    code_insee as territory_code,
    beneficiary_key,
    age_band,
    genre as gender,
    situation,
    public_pic as pic_answer,
    residence_qpv as qpv_answer,
    statut as source_status,
    source_file_id,
    source_line,
    extract_date
from current_version
