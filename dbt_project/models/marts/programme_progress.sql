-- The programme's value of each indicator: the sum of its contributions, read as its row of the dictionary says.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

total as (
    select
        indicator,
        sum(value) as value,
        sum(denominator) as denominator
    from {{ ref('int_daily_measure') }}
    group by indicator
),

read as (
    select
        measure.code,
        {{ programme_value_of('total') }} as value,
        case when measure.rule = 'ratio' then cast(total.denominator as bigint) end as answered,
        max(case when measure.code = 'people_equipped' then cast(total.value as bigint) end) over () as people_equipped
    from {{ ref('measure') }} as measure
    cross join programme
    left join total on measure.code = total.indicator
)

select
    indicator.code as indicator,
    read.value,
    indicator.target,
    read.value / nullif(indicator.target, 0) as ratio,
    read.answered / nullif(read.people_equipped, 0) as answered_share,
    programme.as_of
from {{ ref('indicator') }} as indicator
inner join read on indicator.code = read.code
cross join programme
order by indicator.rank
