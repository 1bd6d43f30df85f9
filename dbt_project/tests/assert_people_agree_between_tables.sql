-- Protects from a person counted twice, or dropped from a breakdown (figures, people).
{{ config(meta={
    'code': 'PN-307', 'owner': 'MGP',
    'sentence': "Les personnes équipées et formées sont les mêmes par jour, par mois, par caractéristique et pour le programme.",
    'dagster': {'ref': {'name': 'dim_person'}},
}) }}
with total as (
    select
        max(value) filter (where indicator = 'people_equipped') as people_equipped,
        max(value) filter (where indicator = 'people_reached') as people_reached,
        max(value) filter (where indicator = 'people_reached_identified') as people_reached_identified
    from {{ ref('programme_progress') }}
),

published as (
    select
        'progress_daily' as where_found,
        max(people_equipped) as people_equipped,
        max(people_reached) as people_reached,
        null as people_reached_identified
    from {{ ref('progress_daily') }}
    union all
    select
        'territory_month',
        sum(people_equipped),
        sum(people_reached),
        null
    from {{ ref('territory_month') }}
    union all
    select
        'audience_profile ' || dimension,
        sum(people_equipped),
        null,
        sum(people_reached)
    from {{ ref('audience_profile') }}
    group by dimension
)

select published.*
from published
cross join total
where coalesce(published.people_equipped, total.people_equipped) <> total.people_equipped
    or coalesce(published.people_reached, total.people_reached) <> total.people_reached
    or coalesce(published.people_reached_identified, total.people_reached_identified)
    <> total.people_reached_identified
