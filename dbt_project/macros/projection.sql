{# What the steps of the projection share. Anything used by one of them only stays in its model. #}

{# The scenarios, one row each: the passes that exist and nothing more; the budget left issued too. figures §2 #}
{% macro projection_scenarios() -%}
    (values ('sans_reemission'), ('budget_restant')) as scenario (scenario)
{%- endmacro %}

{# One row per origin × indicator projected: what was counted by the origin. #}
{% macro counted_at_origin() -%}
    select
        origin_on,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([hours, people_reached, face_value_used_eur]) as counted
    from {{ ref('int_projection_origin') }}
{%- endmacro %}
