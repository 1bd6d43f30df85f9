with prescription as (
    select
        *,
        source_status = 'validee' and prescribed_on <= {{ as_of() }} as is_live
    from {{ ref('stg_prescriptions') }}
),

-- When several live prescriptions name a carnet, the latest date then the greatest id holds it.
holding as (
    select distinct on (carnet_number) prescription_id
    from prescription
    where is_live
    order by carnet_number, prescribed_on desc, prescription_id desc
)

select
    prescription.prescription_id,
    prescription.carnet_number,
    prescription.prescribed_on,
    prescription.prescriber_siret,
    prescription.territory_code,
    prescription.beneficiary_key,
    prescription.age_band,
    prescription.gender,
    prescription.situation,
    prescription.pic_answer,
    prescription.qpv_answer,
    prescription.source_status,
    prescription.is_live,
    holding.prescription_id is not null as is_holding,
    prescription.is_live and holding.prescription_id is null as has_lost_carnet,
    prescription.source_file_id,
    prescription.source_line
from prescription
left join holding using (prescription_id)
