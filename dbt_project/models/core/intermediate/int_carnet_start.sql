-- Grain: one row per carnet issued, with the day of its first counted use, if any.
with first_use as (
    select
        carnet_number,
        min(attended_on) as first_used_on
    from {{ ref('fct_attendance') }}
    group by carnet_number
)

select
    carnet.carnet_number,
    carnet.issued_on,
    carnet.cancelled_on,
    carnet.tolerance_until,
    first_use.first_used_on
from {{ ref('dim_carnet') }} as carnet
left join first_use using (carnet_number)
