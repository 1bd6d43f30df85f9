-- Grain: one row per carnet issued by the as-of date, with the prescription that holds it.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

-- Events count up to as-of: a carnet issued later is not issued yet.
issued as (
    select
        emission.*,
        {{ add_months('emission.valid_until', 'programme.validity_tolerance_months') }} as tolerance_until,
        -- What had expired before it was declared lost stays expired: the earlier exit holds.
        case
            when ({{ is_carnet_cancelled('emission.source_status') }} or {{ is_carnet_lost('emission.source_status') }})
                and coalesce(emission.status_on, emission.status_known_on) <= programme.as_of
                and coalesce(emission.status_on, emission.status_known_on) <= tolerance_until
                then coalesce(emission.status_on, emission.status_known_on)
        end as cancelled_on,
        programme.as_of
    from {{ ref('stg_emissions') }} as emission
    cross join programme
    where emission.issued_on <= programme.as_of
),

holding as (
    select * from {{ ref('fct_prescription') }} where is_holding
)

select
    issued.carnet_number,
    issued.first_pass,
    issued.last_pass,
    cast(cast(issued.last_pass as bigint) - cast(issued.first_pass as bigint) + 1 as integer) as pass_count,
    issued.face_value_eur,
    issued.lot_code,
    issued.order_reference,
    issued.territory_code,
    issued.prescriber_siret,
    issued.issued_on,
    case when issued.delivered_on <= issued.as_of then issued.delivered_on end as delivered_on,
    issued.valid_until,
    issued.tolerance_until,
    cast(year(issued.valid_until) as integer) as validity_year,
    issued.source_status,
    issued.status_on,
    issued.cancelled_on,
    issued.as_of > issued.tolerance_until as is_expired,
    holding.prescription_id as holding_prescription_id,
    holding.prescribed_on,
    holding.beneficiary_key,
    -- Territory of a use = the prescription that holds the carnet, else the carnet's.
    coalesce(holding.territory_code, issued.territory_code) as use_territory_code,
    issued.source_file_id,
    issued.source_line
from issued
left join holding using (carnet_number)
order by issued.carnet_number
