-- Passes still usable that the expiry rule will take within the horizon (horizons are cumulative: 60 days hold 30).
-- 30 days, 60, and the notice this version was built with (expiry_alert_days).
with horizon as (
    select unnest(list_distinct([30, 60, expiry_alert_days])) as days
    from {{ source('inputs', 'programme') }}
)

select
    cast(horizon.days as integer) as horizon_days,
    usable.territory_code,
    usable.prescriber_siret,
    usable.status,
    min(cast(usable.last_usable_on + 1 as date)) as first_expiry_on,
    cast(sum(usable.passes) as bigint) as passes,
    cast(sum(usable.face_value_eur) as decimal(18, 2)) as face_value_eur
from {{ ref('expiry_schedule') }} as usable
cross join horizon
where usable.last_usable_on < {{ as_of() }} + cast(horizon.days as integer)
group by all
order by all
