-- Two files of one extract date that disagree on a key: the rule still decides (greatest sha256), and it is said.
{% set keys = {
    'emissions': 'numero_carnet', 'prescriptions': 'id_prescription', 'utilisations': 'id_utilisation',
    'lieux': 'id', 'services': 'code_service', 'budget': 'id_ecriture',
} %}
with
{%- for dataset, key in keys.items() %}

{{ dataset }}_last_line as (
    select distinct on (source_file_id, {{ key }})
        source_file_id,
        source_sha256,
        extract_date,
        {{ key }},
        hash(*columns(* exclude (source_file_id, source_sha256, source_line, extract_date))) as content_hash
    from {{ source('lake', dataset) }}
    order by source_file_id, {{ key }}, source_line desc
),

{{ dataset }}_conflict as (
    select
        '{{ dataset }}' as dataset,
        extract_date,
        cast({{ key }} as varchar) as key_value,
        list(source_file_id order by source_sha256) as file_ids
    from {{ dataset }}_last_line as line
    group by extract_date, {{ key }}
    having count(*) > 1
        and count(distinct content_hash) > 1
){% if not loop.last %},{% endif %}
{%- endfor %}

{% for dataset in keys %}
select
    dataset,
    extract_date,
    key_value,
    file_ids,
    file_ids[-1] as current_file_id
from {{ dataset }}_conflict
{% if not loop.last %}union all{% endif %}
{%- endfor %}
order by dataset, extract_date, key_value
