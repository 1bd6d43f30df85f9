-- The executable half of the dictionary: which contributions a measure sums, and how its sum is read.
select
    code,
    label,
    rank is not null as is_indicator,
    event,
    measure,
    natures,
    rule,
    unit,
    by_territory
from {{ ref('indicator_dictionary') }}
order by rank nulls last, code
