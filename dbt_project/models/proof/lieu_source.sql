-- The same by lieu, of what a lieu's activity shows (marts.lieu_activity) and of its payments. No count of people: by lieu, most are small.
with summed as (
    {{ measures_by(
        {
            'lieu_siret': 'contribution.lieu_siret',
            'month': month_of('contribution.event_on'),
            'source_file_id': 'contribution.source_file_id',
        },
        "contribution.lieu_siret is not null and contribution.event in "
        ~ "('use', 'attendance', 'session', 'counter_payment', 'receivable', 'recovery')",
        with_lines=true
    ) }}
)

select
    summed.indicator,
    summed.lieu_siret,
    lieu.territory_code,
    summed.month,
    summed.source_file_id,
    summed.lines,
    summed.first_on,
    summed.last_on,
    cast(summed.value as decimal(18, 2)) as value
from summed
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
inner join {{ ref('measure') }} as measure on summed.indicator = measure.code
where measure.unit <> 'personne'
order by summed.indicator, summed.month, summed.lieu_siret, summed.source_file_id
