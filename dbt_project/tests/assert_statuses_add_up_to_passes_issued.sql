-- Protects from a pass counted in two states or in none: the six statuses add up to the passes issued,
-- in number and in euros, for every territory, lot and validity year (figures, status of a pass).
{{ config(meta={
    'code': 'PN-301', 'owner': 'MGP',
    'sentence': "Les six statuts s'additionnent aux pass émis, en nombre et en euros, par territoire, lot et année de validité.",
    'dagster': {'ref': {'name': 'pass_lifecycle'}},
}) }}
with by_status as (
    select
        territory_code,
        lot_code,
        validity_year,
        sum(passes) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('pass_lifecycle') }}
    group by all
),

issued as (
    select
        carnet.territory_code,
        coalesce(carnet.lot_code, '(sans lot)') as lot_code,
        carnet.validity_year,
        sum(issued_pass.passes) as passes,
        sum(issued_pass.passes * carnet.face_value_eur) as face_value_eur
    from {{ ref('int_carnet_pass') }} as issued_pass
    inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
    group by all
)

select
    territory_code,
    lot_code,
    validity_year,
    by_status.passes as passes_by_status,
    issued.passes as passes_issued
from by_status
full join issued using (territory_code, lot_code, validity_year)
where by_status.passes is distinct from issued.passes
    or by_status.face_value_eur is distinct from issued.face_value_eur
