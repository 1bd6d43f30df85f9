{{ config(
    materialized='table_macro',
    schema='main',
    parameters='indicator_code, "by" := \'\'',
    contract={'enforced': false},
    persist_docs={'relation': true, 'columns': false}
) }}
-- For analysts: `from metric('hours', by := 'territory, month')`. Every measure of the dictionary in every cut, summed and
-- read as its row of the dictionary says. What it has no answer to is said by a French sentence.
{%- set cuts = metric_cuts() %}
{%- set expressions = {} %}
{%- for cut in cuts.values() %}{% do expressions.update({cut.column: cut.expression}) %}{% endfor %}
{%- set by = '"by"' %}
{%- set words = "list_transform(string_split(\"by\", ','), lambda word: trim(word))" %}
{%- set known = "['', '" ~ cuts | join("', '") ~ "']" %}
{%- set unknown = "list_filter(" ~ words ~ ", lambda word: not list_contains(" ~ known ~ ", word))" %}
with line as (
    {{ measures_by(
        expressions,
        'contribution.event = (select asked.event from ' ~ ref('measure') ~ ' as asked where asked.code = indicator_code)'
    ) }}
),

-- The columns of the cuts that were asked.
total as (
    select
        columns(
            lambda name: list_contains(
                list_transform({{ words }}, lambda word: case word
                    {%- for word, cut in cuts.items() %}
                    when '{{ word }}' then '{{ cut.column }}'
                    {%- endfor %}
                    else 'indicator'
                end),
                name
            ) or name = 'indicator'
        ),
        sum(value) as value,
        sum(denominator) as denominator
    from line
    where indicator = indicator_code and value is not null
    group by all
),

programme as (
    select * from {{ ref('programme') }}
)

select
    asked.indicator,
    total.* exclude (indicator, value, denominator),
    {{ programme_value_of('total') }} as value
from (select indicator_code as indicator) as asked
left join {{ ref('measure') }} as measure on asked.indicator = measure.code
left join total on asked.indicator = total.indicator
cross join programme
where
    case
        when measure.code is null
            then error('Indicateur inconnu : « ' || asked.indicator || ' ». Voyez proof.measure (colonne code).')
        when len({{ unknown }}) > 0
            then error(
                'Découpage inconnu : « ' || {{ unknown }}[1] || ' ». Découpages possibles : {{ cuts | join(", ") }}.'
            )
        when measure.rule = 'capped' and trim({{ by }}) <> ''
            then error('« ' || asked.indicator || ' » est plafonné pour le programme entier : sans découpage.')
        when not measure.by_territory and list_contains({{ words }}, 'territory')
            then error('« ' || asked.indicator || ' » n''est pas réparti par territoire.')
        when measure.rule = 'lieu_month' and not list_has_all({{ words }}, ['lieu', 'month'])
            then error(
                '« ' || asked.indicator || ' » ne s''additionne ni sur les lieux ni sur les mois : '
                || 'by := ''lieu, month''.'
            )
        else trim({{ by }}) = '' or total.indicator is not null
    end
