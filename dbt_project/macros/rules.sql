{# Small rules used by more than one model. Anything used once stays in its model. #}

{# Every delivered version of a key in order: (extract date, sha256 of the file, line number), packed in one number,
   `version_rank`. Reads the CTE `source`, yields `ranked`. Neither is materialized: DuckDB would hold every line of every
   column, where each of their readers asks for a few columns of the files. exports §3 #}
{% macro version_order() -%}
file_order as (
    select
        extract_date,
        source_sha256,
        any_value(source_file_id) as source_file_id,
        row_number() over (order by extract_date, source_sha256) as file_rank
    from source
    group by extract_date, source_sha256
),

ranked as not materialized (
    select
        source.*,
        file_order.file_rank * 4294967296 + source.source_line as version_rank
    from source
    inner join file_order using (extract_date, source_sha256)
)
{%- endmacro %}

{# The file of a version and its line there, from its rank. #}
{% macro file_of(version_rank) -%}
    ({{ version_rank }} >> 32)
{%- endmacro %}

{% macro line_of(version_rank) -%}
    ({{ version_rank }} & 4294967295)
{%- endmacro %}

{# The current version of a key = its last one.
   The order is one number so that a group keeps eight bytes: `distinct on … order by` keeps every line of every column,
   and took twenty gigabytes for a million carnets. Reads the CTE `source`, yields `current_version`. #}
{% macro current_version(key) -%}
{{ version_order() }},

latest as (
    select
        {{ key }},
        max(version_rank) as version_rank
    from ranked
    group by {{ key }}
),

current_version as not materialized (
    select ranked.*
    from ranked
    semi join latest using ({{ key }}, version_rank)
)
{%- endmacro %}

{# The natural key of each data set in the lake. exports §1 #}
{% macro line_keys() -%}
    {{ return({
        'emissions': 'numero_carnet', 'prescriptions': 'id_prescription', 'utilisations': 'id_utilisation', 'lieux': 'id',
        'services': 'code_service', 'budget': 'id_ecriture',
    }) }}
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

{# An attendance = one carnet at one session. figures §2 #}
{% macro attendance_of(carnet_number, session_id) -%}
    md5(concat({{ carnet_number }}, chr(31), {{ session_id }}))
{%- endmacro %}

{# Paid back to its lieu, as the line says. figures §4 #}
{% macro is_reimbursed(source_status) -%}
    {{ source_status }} = 'remboursee'
{%- endmacro %}

{# The first day of the oldest of the last `quiet_months` months, that of `day` included: a place without a use since
   is quiet. #}
{% macro quiet_since(day, quiet_months) -%}
    cast(date_trunc('month', {{ day }}) - to_months({{ quiet_months }} - 1) as date)
{%- endmacro %}

{# First day of the month, quarter or year (`months`: 1, 3, 12) that a month is of. #}
{% macro period_start(month, months) -%}
    cast(date_trunc('year', {{ month }}) + to_months((month({{ month }}) - 1) // {{ months }} * {{ months }}) as date)
{%- endmacro %}

{# Why a use as delivered is withdrawn, NULL when it is not. figures §2 #}
{% macro withdrawn_because(source_status) -%}
    case {{ source_status }} when 'rejetee' then 'rejected' when 'annulee' then 'cancelled' end
{%- endmacro %}

{# A carnet that can be used no more, by its statut: given back or annulled, lost or stolen. figures §2 and §4 #}
{% macro is_carnet_cancelled(source_status) -%}
    {{ source_status }} in ('annule', 'retourne')
{%- endmacro %}

{% macro is_carnet_lost(source_status) -%}
    {{ source_status }} in ('perdu', 'vole')
{%- endmacro %}
