-- Prescribers come from two exports: the one that names them (prescriptions) and the one that delivers to them.
with named as (
    select distinct on (prescriber_siret)
        prescriber_siret,
        prescriber_name,
        prescriber_type,
        territory_code
    from {{ ref('stg_prescriptions') }}
    where prescriber_siret is not null
    order by
        prescriber_siret,
        prescriber_name is null,
        prescribed_on desc,
        prescription_id desc
),

supplied as (
    select
        prescriber_siret,
        arg_max(territory_code, (issued_on, carnet_number)) as territory_code
    from {{ ref('stg_emissions') }}
    where prescriber_siret is not null
    group by prescriber_siret
)

select
    coalesce(named.prescriber_siret, supplied.prescriber_siret) as prescriber_siret,
    coalesce(named.prescriber_name, 'Prescripteur ' || coalesce(named.prescriber_siret, supplied.prescriber_siret))
        as prescriber_name,
    named.prescriber_type,
    coalesce(named.territory_code, supplied.territory_code) as territory_code,
    supplied.prescriber_siret is not null as has_received_carnets,
    named.prescriber_siret is not null as has_prescribed
from named
full join supplied on named.prescriber_siret = supplied.prescriber_siret
order by 1
