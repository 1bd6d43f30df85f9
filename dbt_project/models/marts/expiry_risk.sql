-- Passes still usable that the expiry rule will take within the horizon (horizons are cumulative: 60 days hold 30).
-- 30 days, 60, and the notice this version was built with (expiry_alert_days).
with horizon as (
    select unnest(list_distinct([30, 60, expiry_alert_days])) as days
    from {{ source('inputs', 'programme') }}
),

usable as (
    select
        territory_code,
        prescriber_siret,
        status,
        tolerance_until,
        face_value_eur
    from {{ ref('fct_pass') }}
    where left_on is null
)

select
    cast(horizon.days as integer) as horizon_days,
    usable.territory_code,
    coalesce(usable.prescriber_siret, '(stock)') as prescriber_siret,
    usable.status,
    min(cast(usable.tolerance_until + 1 as date)) as first_expiry_on,
    count(*) as passes,
    cast(sum(usable.face_value_eur) as decimal(18, 2)) as face_value_eur
from usable
cross join horizon
where usable.tolerance_until < {{ as_of() }} + cast(horizon.days as integer)
group by all
order by all
