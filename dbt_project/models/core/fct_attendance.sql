with counted as (
    select * from {{ ref('int_redemption') }}
    where is_counted
),

-- One carnet at one session: the duration is repeated on each pass of it, so it is taken once.
attendance as (
    select
        counted.carnet_number,
        counted.session_id,
        {{ attendance_of('counted.carnet_number', 'counted.session_id') }} as attendance_id,
        min(counted.redeemed_on) as attended_on,
        arg_min(counted.lieu_siret, (counted.redeemed_at, counted.redemption_id)) as lieu_siret,
        min(counted.service_code) as service_code,
        max(counted.duration_minutes) as measured_minutes,
        max(service.nominal_minutes) as nominal_minutes,
        min(counted.duration_minutes) <> max(counted.duration_minutes) as has_conflicting_duration,
        cast(count(*) as integer) as passes_used,
        sum(counted.amount_eur) as amount_eur
    from counted
    left join {{ ref('stg_services') }} as service using (service_code)
    group by counted.carnet_number, counted.session_id
)

select
    attendance.attendance_id,
    attendance.carnet_number,
    carnet.person_key,
    attendance.session_id,
    attendance.attended_on,
    attendance.lieu_siret,
    attendance.service_code,
    carnet.use_territory_code as territory_code,
    cast(coalesce(attendance.measured_minutes, attendance.nominal_minutes, 0) as integer) as minutes,
    {{ hours_of('coalesce(attendance.measured_minutes, attendance.nominal_minutes)') }} as hours,
    case
        when attendance.measured_minutes is not null then 'measured'
        when attendance.nominal_minutes is not null then 'nominal'
        else 'unknown'
    end as hours_source,
    coalesce(attendance.has_conflicting_duration, false) as has_conflicting_duration,
    attendance.passes_used,
    cast(attendance.amount_eur as decimal(18, 2)) as amount_eur
from attendance
inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
