{# How the dictionary of measures is executed: a measure is a sum over the contributions of its event, of its natures if
   it names some. No rule of a figure is here: an event's is in its model, a measure's in its row of the dictionary. #}

{# One row per measure × cuts: its sum, and for a ratio what it is divided by. `cuts`: {column: expression of
   `contribution`}. Sums are made once for all measures, before the dictionary chooses among them. `with_lines` adds how many
   contributions were summed, and their first and last day. #}
{% macro measures_by(cuts, condition='true', with_lines=false) -%}
with measure as (
    select
        code,
        event,
        measure,
        string_split(natures, ' | ') as natures
    from {{ ref('measure') }}
),

summed as (
    select
        contribution.event,
        contribution.nature,
        {%- for column, expression in cuts.items() %}
        {{ expression }} as {{ column }},
        {%- endfor %}
        {%- for column in measured_columns() %}
        sum(contribution.{{ column }}) as {{ column }},
        {%- endfor %}
        {%- if with_lines %}
        count(*) as lines,
        min(contribution.event_on) as first_on,
        max(contribution.event_on) as last_on,
        {%- endif %}
        sum(contribution.denominator) as denominator
    from {{ ref('contribution') }} as contribution
    semi join measure using (event)
    where {{ condition }}
    group by all
)

select
    measure.code as indicator,
    {%- for column in cuts %}
    summed.{{ column }},
    {%- endfor %}
    sum(case measure.measure
        {%- for column in measured_columns() %}
        when '{{ column }}' then cast(summed.{{ column }} as decimal(18, 2))
        {%- endfor %}
    end) as value,
    {%- if with_lines %}
    cast(sum(summed.lines) as bigint) as lines,
    min(summed.first_on) as first_on,
    max(summed.last_on) as last_on,
    {%- endif %}
    cast(sum(summed.denominator) as bigint) as denominator
from summed
inner join measure
    on summed.event = measure.event
    and (measure.natures is null or list_contains(measure.natures, summed.nature))
group by all
{%- endmacro %}

{# The columns of proof.contribution that a measure may sum; `events` is how many times the event happened. #}
{% macro measured_columns() -%}
    {{ return([
        'events', 'passes', 'face_value_eur', 'amount_eur', 'minutes', 'people', 'territories', 'lieux', 'passes_with_anomaly',
        'numerator',
    ]) }}
{%- endmacro %}

{# A column of a mart from the rows of `measures_by` that a group holds: a count, euros, hours, a ratio, the share of
   people equipped who answered. #}
{% macro count_of(code) -%}
    cast(coalesce(sum(value) filter (where indicator = '{{ code }}'), 0) as bigint)
{%- endmacro %}

{% macro euros_of(code) -%}
    cast(coalesce(sum(value) filter (where indicator = '{{ code }}'), 0) as decimal(18, 2))
{%- endmacro %}

{% macro hours_measured(code) -%}
    {{ hours_of(count_of(code)) }}
{%- endmacro %}

{% macro ratio_of(code) -%}
    {{ count_of(code) }} / nullif({{ denominator_of(code) }}, 0)
{%- endmacro %}

{% macro answered_share_of(code) -%}
    {{ denominator_of(code) }} / nullif({{ count_of('people_equipped') }}, 0)
{%- endmacro %}

{% macro denominator_of(code) -%}
    cast(coalesce(sum(denominator) filter (where indicator = '{{ code }}'), 0) as bigint)
{%- endmacro %}

{# A sum as its row of `measure` says it is read: minutes as hours, a ratio as a quotient; nothing is 0, of nobody none. #}
{% macro read_of(total) -%}
    case
        when measure.rule = 'ratio'
            then cast({{ total }}.value as bigint) / nullif(cast({{ total }}.denominator as bigint), 0)
        when measure.unit = 'heure' then {{ hours_of('cast(' ~ total ~ '.value as bigint)') }}
        else cast(coalesce({{ total }}.value, 0) as double)
    end
{%- endmacro %}

{# The programme's value: as `read_of`, and a ceiling for what has one. Reads `programme`. #}
{% macro programme_value_of(total) -%}
    case
        when measure.rule = 'capped' then cast({{ state_share_of('coalesce(' ~ total ~ '.value, 0)') }} as double)
        else {{ read_of(total) }}
    end
{%- endmacro %}

{# The cuts an analyst may ask of `metric`: word → the column it yields, named as the marts name it, and where it comes from. #}
{% macro metric_cuts() -%}
    {{ return({
        'territory': {'column': 'territory_code', 'expression': 'contribution.territory_code'},
        'lieu': {'column': 'lieu_siret', 'expression': 'contribution.lieu_siret'},
        'ami': {'column': 'ami', 'expression': 'contribution.ami'},
        'year': {'column': 'year', 'expression': 'cast(year(contribution.event_on) as integer)'},
        'month': {'column': 'month', 'expression': month_of('contribution.event_on')},
        'day': {'column': 'date_day', 'expression': 'contribution.event_on'},
    }) }}
{%- endmacro %}
