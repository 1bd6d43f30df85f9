select
    carnet.carnet_number,
    carnet.first_pass,
    carnet.last_pass,
    carnet.pass_count,
    carnet.face_value_eur,
    carnet.lot_code,
    carnet.order_reference,
    carnet.territory_code,
    carnet.prescriber_siret,
    carnet.issued_on,
    carnet.delivered_on,
    carnet.valid_until,
    carnet.tolerance_until,
    carnet.validity_year,
    carnet.source_status,
    carnet.status_on,
    carnet.cancelled_on,
    carnet.is_expired,
    carnet.holding_prescription_id,
    carnet.prescribed_on,
    carnet.beneficiary_key is not null as is_identified,
    -- The beneficiary who holds it, else, once it is in use, one anonymous person; a carnet of nobody yet has none.
    coalesce(
        carnet.beneficiary_key,
        case when carnet_use.first_used_on is not null then 'carnet:' || carnet.carnet_number end
    ) as person_key,
    carnet.use_territory_code,
    carnet.source_file_id,
    carnet.source_line
from {{ ref('int_carnet') }} as carnet
left join {{ ref('int_carnet_use') }} as carnet_use using (carnet_number)
order by carnet.carnet_number
