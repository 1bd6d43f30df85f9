-- Two files of one extract date that disagree on a key: the rule still decides (greatest sha256), and it is said.
{% set keys = line_keys() %}
with
{%- for dataset, key in keys.items() %}

{{ dataset }}_line as not materialized (
    select * from {{ source('lake', dataset) }}
),

-- One file alone of its day disagrees with nobody.
{{ dataset }}_day as (
    select extract_date
    from {{ dataset }}_line
    group by extract_date
    having min(source_file_id) <> max(source_file_id)
),

{{ dataset }}_last_line as (
    select
        source_file_id,
        any_value(source_sha256) as source_sha256,
        any_value(extract_date) as extract_date,
        {{ key }},
        arg_max(
            hash(*columns(* exclude (source_file_id, source_sha256, source_line, extract_date))), source_line
        ) as content_hash
    from {{ dataset }}_line
    semi join {{ dataset }}_day using (extract_date)
    group by source_file_id, {{ key }}
),

-- Few keys are in conflict: they are found first, their files listed afterwards.
{{ dataset }}_disputed as (
    select
        extract_date,
        {{ key }}
    from {{ dataset }}_last_line
    group by extract_date, {{ key }}
    having count(*) > 1 and min(content_hash) <> max(content_hash)
),

{{ dataset }}_conflict as (
    select
        '{{ dataset }}' as dataset,
        line.extract_date,
        cast(line.{{ key }} as varchar) as key_value,
        list(line.source_file_id order by line.source_sha256) as file_ids
    from {{ dataset }}_last_line as line
    inner join {{ dataset }}_disputed as disputed
        on line.extract_date = disputed.extract_date and line.{{ key }} = disputed.{{ key }}
    group by line.extract_date, line.{{ key }}
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
