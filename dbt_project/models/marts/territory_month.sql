select
    {{ month_of('activity.date_day') }} as month,
    activity.territory_code,
    territory.territory_name,
    territory.ami,
    cast(sum(activity.passes_issued) as bigint) as passes_issued,
    cast(sum(activity.passes_prescribed) as bigint) as passes_prescribed,
    cast(sum(activity.passes_used) as bigint) as passes_used,
    cast(sum(activity.passes_expired) as bigint) as passes_expired,
    cast(sum(activity.face_value_issued_eur) as decimal(18, 2)) as face_value_issued_eur,
    cast(sum(activity.face_value_used_eur) as decimal(18, 2)) as face_value_used_eur,
    {{ hours_of('sum(activity.minutes)') }} as hours,
    cast(sum(activity.attendances) as bigint) as attendances,
    cast(sum(activity.people_equipped) as bigint) as people_equipped,
    cast(sum(activity.people_reached_identified + activity.people_reached_anonymous) as bigint) as people_reached
from {{ ref('int_daily_activity') }} as activity
inner join {{ ref('dim_territory') }} as territory using (territory_code)
group by all
order by month, activity.territory_code
