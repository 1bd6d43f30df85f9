with started as (
    select carnet_number
    from {{ ref('fct_attendance') }}
    group by carnet_number
)

select
    pass.territory_code,
    coalesce(pass.lot_code, '(sans lot)') as lot_code,
    coalesce(pass.order_reference, '(sans bon)') as order_reference,
    pass.validity_year,
    pass.status,
    pass.delivered_on is not null as is_delivered,
    pass.is_prescribed,
    started.carnet_number is not null as is_started,
    coalesce({{ is_reimbursed('redemption.source_status') }}, false) as is_reimbursed,
    count(*) as passes,
    cast(sum(pass.face_value_eur) as decimal(18, 2)) as face_value_eur
from {{ ref('fct_pass') }} as pass
left join started using (carnet_number)
left join {{ ref('fct_redemption') }} as redemption using (redemption_id)
group by all
order by all
