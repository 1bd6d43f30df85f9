{{ config(materialized='view') }}
-- Grain: one row per accepted record of a delivered line, of every data set, with its natural key.
{% for dataset, key in line_keys().items() %}
select
    '{{ dataset }}' as dataset,
    {{ key }} as line_key,
    source_file_id,
    source_line
from {{ source('lake', dataset) }}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
