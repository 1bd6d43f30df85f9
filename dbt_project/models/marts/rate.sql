-- The dictionary of the rates, and what each is of the whole programme: the average that a territory is compared with. What
-- it divides is the programme's published figure; inhabitants are those of the participating territories, and while those
-- of one of them are not known there is no average: its people would be divided by the inhabitants of the others.
with known as (
    select
        rate,
        sum(rate_denominator) as denominator,
        count(*) filter (where rate_denominator is null) as territories_without
    from {{ ref('territory_rate') }}
    group by rate
)

select
    cast(entry.rank as integer) as rank,
    entry.code as rate,
    entry.label,
    entry.definition,
    entry.numerator as numerator_code,
    entry.denominator as denominator_code,
    cast(entry.per as integer) as per,
    entry.unit as rate_unit,
    entry.rank_from,
    cast(coalesce(known.territories_without, 0) as bigint) as territories_without,
    case
        when known.territories_without = 0
            then {{ rate_of('divided.value', 'coalesce(divider.value, known.denominator)', 'entry.per') }}
    end as programme_value
from {{ ref('rate_dictionary') }} as entry
left join known on entry.code = known.rate
left join {{ ref('programme_progress') }} as divided on entry.numerator = divided.indicator
left join {{ ref('programme_progress') }} as divider on entry.denominator = divider.indicator
order by entry.rank
