-- A code used by a lieu but absent from the catalogue keeps its row: nothing is lost in a join.
with unlisted as (
    select redemption.service_code
    from {{ ref('int_redemption') }} as redemption
    where redemption.service_code is not null
        and not exists (
            select 1 from {{ ref('stg_services') }} as service
            where service.service_code = redemption.service_code
        )
    group by redemption.service_code
)

select
    service_code,
    service_label,
    modality,
    nominal_minutes,
    nominal_passes,
    level,
    false as is_inferred
from {{ ref('stg_services') }}
union all
select
    service_code,
    'Service hors catalogue ' || service_code as service_label,
    null as modality,
    null as nominal_minutes,
    null as nominal_passes,
    null as level,
    true as is_inferred
from unlisted
order by service_code
