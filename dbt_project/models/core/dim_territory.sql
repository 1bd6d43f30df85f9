with commune as (
    select * from {{ source('inputs', 'commune') }}
),

-- Every code an export names has its row, so that no figure can fall between two territories.
named_code as (
    select territory_code as code from {{ ref('stg_emissions') }}
    union
    select territory_code from {{ ref('stg_prescriptions') }}
    union
    select territory_code from {{ ref('stg_lieux') }} where territory_code is not null
    union
    select delivered_lieu_territory_code from {{ ref('stg_utilisations') }}
    where delivered_lieu_territory_code is not null
    union
    select code_insee from {{ source('inputs', 'territory') }}
    union
    select code_insee from commune
)

select
    named_code.code as territory_code,
    coalesce(participation.nom, commune.nom, 'Commune ' || named_code.code) as territory_name,
    coalesce(commune.type, 'hors Métropole') as territory_type,
    commune.code_departement as department_code,
    commune.ept_siren as ept_code,
    commune.ept_nom as ept_name,
    participation.code_insee is not null as is_participating,
    participation.ami,
    participation.date_entree as joined_on,
    participation.source as participation_source,
    participation.statut as participation_status,
    participation.cible_personnes as people_target,
    participation.cible_heures as hours_target,
    inhabitants.population,
    inhabitants.date_population as population_on,
    inhabitants.source_population as population_source,
    inhabitants.population_qpv as qpv_population,
    inhabitants.date_qpv as qpv_population_on,
    inhabitants.source_qpv as qpv_population_source,
    -- Codes are effective-dated: the code at the event stays, the code now stands beside it.
    coalesce(merger.code_actuel, named_code.code) as current_code,
    cast(merger.date_effet - 1 as date) as code_valid_until,
    commune.lon as longitude,
    commune.lat as latitude,
    commune.code_insee is null as is_inferred
from named_code
left join commune on named_code.code = commune.code_insee
left join {{ source('inputs', 'territory') }} as participation on named_code.code = participation.code_insee
left join {{ source('inputs', 'population') }} as inhabitants on named_code.code = inhabitants.code_insee
left join {{ source('inputs', 'territory_change') }} as merger
    on named_code.code = merger.code_insee and merger.date_effet <= {{ as_of() }}
order by named_code.code
