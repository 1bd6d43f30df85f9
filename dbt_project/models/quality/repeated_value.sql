-- A value that stands on many lines of one recent file where each line has its own, or where it suddenly takes all.
-- One key of five lines is no correction sent again; one code on nine lines of ten, where older files had several.
{% set least_lines_of_key, least_lines, least_share = 5, 20, 0.9 %}
{% set recent_days = 62 %}
{% set watched = [
    ('emissions', 'numero_carnet', true), ('prescriptions', 'id_prescription', true),
    ('prescriptions', 'beneficiary_key', false), ('utilisations', 'id_utilisation', true),
    ('utilisations', 'id_session', false), ('utilisations', 'code_service', false), ('lieux', 'id', true),
    ('services', 'code_service', true), ('budget', 'id_ecriture', true),
] %}
with
{%- for dataset in ['emissions', 'prescriptions', 'utilisations', 'lieux', 'services', 'budget'] %}

{{ dataset }}_line as not materialized (
    select * from {{ source('lake', dataset) }}
),
{%- endfor %}
{%- for dataset, column, is_key in watched %}

{{ dataset }}_{{ column }} as (
    select
        source_file_id,
        extract_date,
        cast(max(lines) as bigint) as lines_of_value,
        cast(sum(lines) as bigint) as filled_lines
    from (
        select
            source_file_id,
            extract_date,
            count(*) as lines
        from {{ dataset }}_line
        where {{ column }} is not null and extract_date > {{ as_of() }} - {{ recent_days }}
        group by source_file_id, extract_date, {{ column }}
    )
    group by source_file_id, extract_date
),
{%- if not is_key %}

-- The days from which on files had several values: nothing is sudden before.
{{ dataset }}_{{ column }}_varied as (
    select min(extract_date) as varied_on
    from (
        select extract_date
        from {{ dataset }}_line
        where {{ column }} is not null
        group by extract_date
        having min({{ column }}) <> max({{ column }})
    )
),
{%- endif %}
{%- endfor %}

repeated as (
    {%- for dataset, column, is_key in watched %}
    select
        source_file_id as file_id,
        '{{ dataset }}' as dataset,
        extract_date,
        '{{ column }}' as column_name,
        {{ is_key }} as is_key,
        lines_of_value,
        filled_lines
    from {{ dataset }}_{{ column }}
    {% if is_key -%}
    where lines_of_value >= {{ least_lines_of_key }}
    {%- else -%}
    cross join {{ dataset }}_{{ column }}_varied
    where filled_lines >= {{ least_lines }} and lines_of_value >= {{ least_share }} * filled_lines
        and varied_on < extract_date
    {%- endif %}
    {% if not loop.last %}union all{% endif %}
    {%- endfor %}
)

select
    file_id,
    dataset,
    extract_date,
    column_name,
    is_key,
    lines_of_value,
    filled_lines
from repeated
order by file_id, column_name
