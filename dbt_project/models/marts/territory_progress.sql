-- Every participating territory, zeros included, and every other one with activity.
with total as (
    select
        territory_code,
        {{ count_of('passes_issued') }} as passes_issued,
        {{ count_of('passes_prescribed') }} as passes_prescribed,
        {{ count_of('passes_used') }} as passes_used,
        {{ count_of('passes_expired') }} as passes_expired,
        {{ euros_of('face_value_issued_eur') }} as face_value_issued_eur,
        {{ euros_of('face_value_used_eur') }} as face_value_used_eur,
        {{ euros_of('reimbursed_eur') }} as reimbursed_eur,
        {{ hours_measured('hours') }} as hours,
        {{ hours_measured('hours_nominal') }} as hours_nominal,
        {{ count_of('people_equipped') }} as people_equipped,
        {{ count_of('people_reached') }} as people_reached,
        {{ count_of('people_reached_identified') }} as people_reached_identified,
        {{ count_of('people_reached_anonymous') }} as people_reached_anonymous,
        {{ ratio_of('pic_share') }} as pic_share,
        {{ answered_share_of('pic_share') }} as pic_answered_share,
        {{ ratio_of('qpv_share') }} as qpv_share,
        {{ answered_share_of('qpv_share') }} as qpv_answered_share,
        {{ count_of('lieux_active') }} as lieux_active,
        count(daily.indicator) > 0 as is_active
    from {{ ref('dim_territory') }}
    left join {{ ref('int_daily_measure') }} as daily using (territory_code)
    group by territory_code
)

select
    total.territory_code,
    territory.territory_name,
    territory.territory_type,
    territory.ami,
    territory.is_participating,
    territory.participation_status,
    territory.ept_name,
    territory.current_code,
    territory.people_target,
    territory.hours_target,
    total.* exclude (territory_code, is_active)
from total
inner join {{ ref('dim_territory') }} as territory using (territory_code)
where territory.is_participating or total.is_active
order by total.territory_code
