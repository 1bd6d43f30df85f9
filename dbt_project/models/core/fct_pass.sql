with counted_use as (
    select
        pass_number,
        redemption_id,
        redeemed_on,
        lieu_siret
    from {{ ref('int_redemption') }}
    where is_counted
),

-- Exactly one status, the first that holds. Cancelled = annule, perdu, vole, retourne.
settled as (
    select
        issued_pass.pass_number,
        carnet.*,
        counted_use.redemption_id,
        counted_use.redeemed_on,
        counted_use.lieu_siret,
        case
            when counted_use.redemption_id is not null then 'used'
            when carnet.cancelled_on is not null then 'cancelled'
            when carnet.is_expired then 'expired'
            when carnet.holding_prescription_id is not null then 'prescribed'
            when carnet.delivered_on is not null then 'with_prescriber'
            else 'in_stock'
        end as status
    from {{ ref('int_issued_pass') }} as issued_pass
    inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
    left join counted_use using (pass_number)
)

select
    settled.pass_number,
    settled.carnet_number,
    settled.face_value_eur,
    settled.territory_code,
    settled.use_territory_code,
    settled.prescriber_siret,
    settled.lot_code,
    settled.order_reference,
    settled.validity_year,
    settled.status,
    settled.issued_on,
    settled.delivered_on,
    settled.prescribed_on,
    settled.redeemed_on as used_on,
    settled.cancelled_on,
    settled.valid_until,
    settled.tolerance_until,
    -- A pass leaves the mandate once, by its status: expiry on the first day the rule holds.
    case settled.status
        when 'used' then settled.redeemed_on
        when 'cancelled' then settled.cancelled_on
        when 'expired' then cast(settled.tolerance_until + 1 as date)
    end as left_on,
    settled.holding_prescription_id is not null as is_prescribed,
    settled.lieu_siret,
    settled.redemption_id
from settled
