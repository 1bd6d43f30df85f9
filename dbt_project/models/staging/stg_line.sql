{{ config(materialized='view') }}
-- Grain: one row per accepted record of a delivered line, of every data set; with the line that holds its key now.
{% set versions = {
    'emissions': ('stg_emissions', 'carnet_number'), 'prescriptions': ('stg_prescriptions', 'prescription_id'),
    'utilisations': ('stg_utilisations', 'redemption_id'), 'lieux': ('stg_lieux', 'directory_id'),
    'services': ('stg_services', 'service_code'), 'budget': ('stg_budget', 'entry_id'),
} %}
{% for dataset, (model, key) in versions.items() %}
select
    '{{ dataset }}' as dataset,
    version.{{ key }} as line_key,
    line.source_file_id,
    line.source_line,
    version.source_file_id as current_file_id,
    version.source_line as current_line
from {{ source('lake', dataset) }} as line
inner join {{ ref(model) }} as version on line.{{ line_keys()[dataset] }} = version.{{ key }}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
