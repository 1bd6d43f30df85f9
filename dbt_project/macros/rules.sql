{# Small rules used by more than one model. Anything used once stays in its model. #}

{# The current version of a key = the line of the greatest (extract date, sha256 of the file, line number). exports §3 #}
{% macro version_order() -%}
    extract_date desc, source_sha256 desc, source_line desc
{%- endmacro %}

{# The date up to which events count. figures, opening lines #}
{% macro as_of() -%}
    (select as_of from {{ source('inputs', 'programme') }})
{%- endmacro %}

{# One month later = the same day of the next month, or its last day. figures §4 #}
{% macro add_months(day, months) -%}
    cast({{ day }} + to_months({{ months }}) as date)
{%- endmacro %}

{# First day of the month of a day. #}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{# Person-hours from stored minutes, never rounded before the end. figures §4 #}
{% macro hours_of(minutes) -%}
    coalesce({{ minutes }}, 0) / 60.0::double
{%- endmacro %}
