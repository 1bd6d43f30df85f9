{{ config(materialized='view_unless_large') }}
-- Grain: one row per carnet in use (carnet_started), per participating territory with a use (territory_opened) and per
-- lieu of the directory with one (lieu_opened), on its first: a distinct count becomes a sum of first times. A carnet is
-- started in the territory of its use; a lieu is active where it stands.
with first_of_territory as (
    select distinct on (territory_code) *
    from {{ ref('int_first_use') }}
    order by territory_code, redeemed_at, redemption_id
),

first_of_lieu as (
    select distinct on (lieu_siret)
        lieu_siret,
        redeemed_on,
        source_file_id,
        source_line
    from {{ ref('fct_redemption') }}
    where is_counted
    order by lieu_siret, redeemed_at, redemption_id
)

select
    'carnet_started' as event,
    first_use.redeemed_on as event_on,
    first_use.territory_code,
    first_use.lieu_siret,
    null as territories,
    null as lieux,
    first_use.source_file_id,
    first_use.source_line
from {{ ref('int_first_use') }} as first_use
union all by name
select
    'territory_opened' as event,
    first_of_territory.redeemed_on as event_on,
    first_of_territory.territory_code,
    1 as territories,
    first_of_territory.source_file_id,
    first_of_territory.source_line
from first_of_territory
inner join {{ ref('dim_territory') }} as territory using (territory_code)
where territory.is_participating
union all by name
select
    'lieu_opened' as event,
    first_of_lieu.redeemed_on as event_on,
    lieu.territory_code,
    first_of_lieu.lieu_siret,
    1 as lieux,
    first_of_lieu.source_file_id,
    first_of_lieu.source_line
from first_of_lieu
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
where not lieu.is_inferred
