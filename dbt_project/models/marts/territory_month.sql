select
    {{ month_of('daily.date_day') }} as month,
    daily.territory_code,
    territory.territory_name,
    territory.ami,
    {{ count_of('passes_issued') }} as passes_issued,
    {{ count_of('passes_prescribed') }} as passes_prescribed,
    {{ count_of('passes_used') }} as passes_used,
    {{ count_of('passes_expired') }} as passes_expired,
    {{ euros_of('face_value_issued_eur') }} as face_value_issued_eur,
    {{ euros_of('face_value_used_eur') }} as face_value_used_eur,
    {{ hours_measured('hours') }} as hours,
    {{ count_of('attendances') }} as attendances,
    {{ count_of('people_equipped') }} as people_equipped,
    {{ count_of('people_reached') }} as people_reached
from {{ ref('int_daily_measure') }} as daily
inner join {{ ref('dim_territory') }} as territory using (territory_code)
-- Activity is what this table shows: a lieu that opens or a carnet cancelled makes no month.
where daily.indicator in (
    'passes_issued', 'passes_prescribed', 'passes_used', 'passes_expired', 'face_value_issued_eur',
    'face_value_used_eur', 'hours', 'attendances', 'people_equipped', 'people_reached'
)
group by all
order by month, daily.territory_code
