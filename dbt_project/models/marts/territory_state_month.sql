-- The first state that holds at each month's end (of the last month: on the date of the data): never used, nothing left
-- to use, quiet, active.
with calendar as (
    select month
    from {{ ref('mandate_ledger') }}
    union
    select {{ month_of(as_of()) }} as month
),

stock as (
    select
        month,
        territory_code,
        sum(passes) as passes_usable,
        sum(face_value_eur) as face_value_usable_eur
    from {{ ref('stock_month') }}
    group by all
),

used as (
    select
        territory_code,
        {{ month_of('date_day') }} as month,
        max(date_day) as last_used_on
    from {{ ref('int_daily_measure') }}
    where indicator = 'passes_used'
    group by all
),

known as (
    select
        calendar.month,
        territory.territory_code,
        cast(coalesce(any_value(stock.passes_usable), 0) as bigint) as passes_usable,
        cast(coalesce(any_value(stock.face_value_usable_eur), 0) as decimal(18, 2)) as face_value_usable_eur,
        max(used.last_used_on) as last_used_on,
        any_value({{ quiet_since('calendar.month', 'programme.quiet_months') }}) as quiet_since
    from calendar
    cross join {{ ref('dim_territory') }} as territory
    cross join {{ source('inputs', 'programme') }} as programme
    left join stock
        on calendar.month = stock.month and territory.territory_code = stock.territory_code
    left join used
        on calendar.month >= used.month and territory.territory_code = used.territory_code
    where territory.is_participating
    group by calendar.month, territory.territory_code
)

select
    month,
    territory_code,
    passes_usable,
    face_value_usable_eur,
    last_used_on,
    coalesce(last_used_on >= quiet_since, false) as is_recently_active,
    case
        when last_used_on is null then 'never'
        when passes_usable = 0 then 'exhausted'
        when last_used_on < quiet_since then 'quiet'
        else 'active'
    end as state
from known
order by month, territory_code
