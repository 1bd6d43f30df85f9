with source as not materialized (
    select * from {{ source('lake', 'services') }}
),

{{ current_version('code_service') }}

select
    code_service as service_code,
    libelle as service_label,
    modalite as modality,
    duree_minutes as nominal_minutes,
    nb_pass as nominal_passes,
    niveau as level,
    source_file_id,
    source_line,
    extract_date
from current_version
