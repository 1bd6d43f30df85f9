with monthly as (
    {{ measures_by(
        {'lieu_siret': 'contribution.lieu_siret', 'month': month_of('contribution.event_on')},
        "contribution.lieu_siret is not null and contribution.event in ('use', 'attendance', 'session')"
    ) }}
)

select
    monthly.lieu_siret,
    monthly.month,
    lieu.lieu_name,
    lieu.territory_code,
    lieu.is_inferred,
    {{ count_of('passes_used') }} as passes_used,
    {{ euros_of('face_value_used_eur') }} as face_value_used_eur,
    {{ euros_of('amount_used_eur') }} as amount_eur,
    {{ euros_of('reimbursed_eur') }} as reimbursed_eur,
    {{ count_of('passes_with_anomaly') }} as passes_with_anomaly,
    {{ count_of('attendances') }} as attendances,
    {{ hours_measured('hours') }} as hours,
    {{ count_of('people_welcomed') }} as people_welcomed,
    {{ count_of('sessions') }} as sessions,
    {{ hours_measured('session_hours') }} as session_hours
from monthly
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
group by all
order by monthly.lieu_siret, monthly.month
