-- Protects from a figure lost between two territories, or counted in both (figures, people and details decided).
{{ config(meta={
    'code': 'PN-302', 'owner': 'MGP',
    'sentence': "La somme des territoires est égale au programme, indicateur par indicateur.",
    'dagster': {'ref': {'name': 'territory_progress'}},
}) }}
{% set measures = [
    'passes_issued', 'passes_prescribed', 'passes_used', 'passes_expired', 'face_value_issued_eur',
    'face_value_used_eur', 'reimbursed_eur', 'hours', 'hours_nominal', 'people_equipped', 'people_reached',
    'people_reached_identified', 'people_reached_anonymous',
] %}
with territory as (
    {% for measure in measures %}
    select
        '{{ measure }}' as indicator,
        coalesce(sum({{ measure }}), 0)::double as value
    from {{ ref('territory_progress') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    territory.indicator,
    territory.value as sum_of_territories,
    progress.value as programme
from territory
inner join {{ ref('programme_progress') }} as progress using (indicator)
where abs(territory.value - progress.value) > 1e-6
