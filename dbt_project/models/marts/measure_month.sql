-- A figure of a period is the sum of its months, of a territory or of them all: what documents and pages select.
-- Not here: people welcomed by a lieu, which do not add up (lieu_activity). A session has no territory (figures §4).
with summed as (
    select
        daily.indicator,
        {{ month_of('daily.date_day') }} as month,
        case when measure.event <> 'session' then daily.territory_code end as territory_code,
        case when measure.event <> 'session' then daily.ami end as ami,
        measure.rule,
        measure.unit,
        sum(daily.value) as value
    from {{ ref('int_daily_measure') }} as daily
    inner join {{ ref('measure') }} as measure on daily.indicator = measure.code
    where daily.indicator <> 'people_welcomed' and daily.value is not null
    group by all
),

monthly as (
    select
        * exclude (unit, value),
        case when unit = 'heure' then {{ hours_of('cast(value as bigint)') }} else cast(value as double) end as value
    from summed
),

-- The State's share before its ceiling, of each territory: what is used, at its rate.
share as (
    select
        monthly.indicator,
        monthly.month,
        monthly.territory_code,
        monthly.ami,
        monthly.value * programme.state_rate as value
    from monthly
    cross join {{ source('inputs', 'programme') }} as programme
    where monthly.rule = 'capped'
),

-- What the ceiling, which the programme alone can reach, takes off month after month: rows of no territory.
running as (
    select
        indicator,
        month,
        sum(sum(value)) over (partition by indicator order by month) as total
    from share
    group by indicator, month
),

over_ceiling as (
    select
        running.indicator,
        running.month,
        greatest(running.total - programme.state_ceiling_eur, 0) as total
    from running
    cross join {{ source('inputs', 'programme') }} as programme
),

ceiling as (
    select
        indicator,
        month,
        lag(total, 1, 0) over (partition by indicator order by month) - total as value
    from over_ceiling
)

select
    indicator,
    month,
    territory_code,
    ami,
    value
from monthly
where rule = 'sum'
union all by name
select * from share
union all by name
select
    indicator,
    month,
    value
from ceiling
where value <> 0
order by indicator, month, territory_code, ami
