-- Protects from hours counted per pass instead of per attendance in one of the tables (figures, training hours).
{{ config(meta={
    'code': 'PN-306', 'owner': 'MGP',
    'sentence': "Les heures de formation sont les mêmes par présence, par jour, par mois, par lieu et pour le programme.",
    'dagster': {'ref': {'name': 'fct_attendance'}},
}) }}
with reference as (
    select coalesce(sum(minutes), 0) / 60.0 as hours from {{ ref('fct_attendance') }}
),

published as (
    select 'programme' as where_found, value as hours from {{ ref('programme_progress') }} where indicator = 'hours'
    union all
    select 'progress_daily', coalesce(max(hours), 0) from {{ ref('progress_daily') }}
    union all
    select 'territory_month', coalesce(sum(hours), 0) from {{ ref('territory_month') }}
    union all
    select 'lieu_activity', coalesce(sum(hours), 0) from {{ ref('lieu_activity') }}
)

select
    published.where_found,
    published.hours,
    reference.hours as expected
from published
cross join reference
where abs(published.hours - reference.hours) > 1e-6
