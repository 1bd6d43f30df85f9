-- Grain: one row per carnet in use, with the person it counts for.
select
    carnet.carnet_number,
    coalesce(holding.beneficiary_key, 'carnet:' || carnet.carnet_number) as person_key
from {{ ref('dim_carnet') }} as carnet
left join {{ ref('fct_prescription') }} as holding
    on carnet.holding_prescription_id = holding.prescription_id
