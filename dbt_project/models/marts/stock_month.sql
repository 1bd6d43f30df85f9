-- The passes usable at the end of each month (of the last one: on the date of the data), by the day they stop being so.
-- A pass is usable from its issue until it leaves: used, cancelled, expired. Territory = the carnet's, as in the ledger.
with movement as (
    select
        territory_code,
        cast(tolerance_until + 1 as date) as expires_on,
        {{ month_of('issued_on') }} as month,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    group by all
    union all
    select
        territory_code,
        cast(tolerance_until + 1 as date) as expires_on,
        {{ month_of('left_on') }} as month,
        -count(*) as passes,
        -sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    where left_on is not null
    group by all
),

calendar as (
    select month
    from {{ ref('mandate_ledger') }}
    group by month
)

select
    calendar.month,
    movement.territory_code,
    movement.expires_on,
    cast(sum(movement.passes) as bigint) as passes,
    cast(sum(movement.face_value_eur) as decimal(18, 2)) as face_value_eur
from calendar
inner join movement on calendar.month >= movement.month
group by all
having sum(movement.passes) <> 0
order by calendar.month, movement.territory_code, movement.expires_on
