select
    territory_code,
    dimension,
    category,
    cast(sum(people_equipped) as bigint) as people_equipped,
    cast(sum(people_reached) as bigint) as people_reached
from {{ ref('audience_month') }}
group by all
order by all
