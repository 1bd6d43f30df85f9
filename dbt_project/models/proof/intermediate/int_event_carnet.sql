{{ config(materialized='view_unless_large') }}
-- Grain: one row per carnet and kind of event: issue, prescription, expiry, cancellation, usable. What its passes became.
with carnet_pass as (
    select
        carnet_number,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur,
        any_value(left_on) filter (where status = 'expired') as expired_on,
        count(*) filter (where status = 'expired') as passes_expired,
        sum(face_value_eur) filter (where status = 'expired') as expired_eur,
        count(*) filter (where status = 'cancelled') as passes_cancelled,
        sum(face_value_eur) filter (where status = 'cancelled') as cancelled_eur
    from {{ ref('fct_pass') }}
    group by carnet_number
),

usable_pass as (
    select
        carnet_number,
        status,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    where left_on is null
    group by all
),

carnet as (
    select
        carnet_pass.*,
        carnet.territory_code as account_code,
        carnet.use_territory_code,
        carnet.order_reference,
        carnet.lot_code,
        carnet.issued_on,
        carnet.cancelled_on,
        carnet.prescribed_on,
        carnet.holding_prescription_id,
        carnet.source_file_id,
        carnet.source_line
    from carnet_pass
    inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
)

-- Territory of a carnet's issue, expiry and cancellation = the carnet's.
select
    'issue' as event,
    issued_on as event_on,
    account_code as territory_code,
    account_code,
    order_reference,
    lot_code,
    passes,
    face_value_eur,
    source_file_id,
    source_line
from carnet
union all by name
select
    'expiry' as event,
    expired_on as event_on,
    account_code as territory_code,
    account_code,
    order_reference,
    lot_code,
    passes_expired as passes,
    expired_eur as face_value_eur,
    source_file_id,
    source_line
from carnet
where passes_expired > 0
union all by name
select
    'cancellation' as event,
    cancelled_on as event_on,
    account_code as territory_code,
    account_code,
    order_reference,
    lot_code,
    passes_cancelled as passes,
    cancelled_eur as face_value_eur,
    source_file_id,
    source_line
from carnet
where passes_cancelled > 0
union all by name
-- Prescribed passes are those of a carnet that a prescription holds, whatever became of them: the line is the prescription's.
select
    'prescription' as event,
    carnet.prescribed_on as event_on,
    carnet.use_territory_code as territory_code,
    carnet.account_code,
    carnet.passes,
    carnet.face_value_eur,
    holding.source_file_id,
    holding.source_line
from carnet
inner join {{ ref('fct_prescription') }} as holding
    on carnet.holding_prescription_id = holding.prescription_id
union all by name
-- What can still be used is a state, not the event of a day: it counts at the date of the data.
select
    'usable' as event,
    usable_pass.status as nature,
    {{ as_of() }} as event_on,
    carnet.account_code as territory_code,
    carnet.account_code,
    usable_pass.passes,
    usable_pass.face_value_eur,
    carnet.source_file_id,
    carnet.source_line
from usable_pass
inner join carnet using (carnet_number)
