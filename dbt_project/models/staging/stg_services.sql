with source as (
    select * from {{ source('lake', 'services') }}
),

current_version as (
    select distinct on (code_service) *
    from source
    order by code_service, {{ version_order() }}
)

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
