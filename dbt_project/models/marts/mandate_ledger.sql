with movement as (
    {{ measures_by(
        {'month': month_of('contribution.event_on'), 'territory_code': 'contribution.account_code'},
        "contribution.event in ('issue', 'use', 'expiry', 'cancellation')"
    ) }}
),

bounds as (
    select
        min(movement.month) as first_month,
        greatest({{ month_of('any_value(programme.as_of)') }}, max(movement.month)) as last_month
    from movement
    cross join {{ source('inputs', 'programme') }} as programme
),

calendar as (
    select cast(unnest(generate_series(first_month, last_month, interval 1 month)) as date) as month
    from bounds
),

account as (
    select territory_code from {{ ref('dim_territory') }} where is_participating
    union
    select territory_code from movement
),

operation as (
    select
        calendar.month,
        account.territory_code,
        {{ count_of('passes_issued') }} as issued_passes,
        {{ count_of('passes_used') }} as used_passes,
        {{ count_of('passes_expired') }} as expired_passes,
        {{ count_of('passes_cancelled') }} as cancelled_passes,
        {{ euros_of('face_value_issued_eur') }} as issued_eur,
        {{ euros_of('face_value_used_eur') }} as used_eur,
        {{ euros_of('face_value_expired_eur') }} as expired_eur,
        {{ euros_of('face_value_cancelled_eur') }} as cancelled_eur
    from calendar
    cross join account
    left join movement
        on calendar.month = movement.month and account.territory_code = movement.territory_code
    group by all
),

balance as (
    select
        *,
        sum(issued_passes - used_passes - expired_passes - cancelled_passes) over running as closing_passes,
        sum(issued_eur - used_eur - expired_eur - cancelled_eur) over running as closing_eur
    from operation
    window running as (
        partition by territory_code order by month rows between unbounded preceding and current row
    )
)

select
    month,
    territory_code,
    cast(coalesce(lag(closing_passes) over account_month, 0) as bigint) as opening_passes,
    cast(issued_passes as bigint) as issued_passes,
    cast(used_passes as bigint) as used_passes,
    cast(expired_passes as bigint) as expired_passes,
    cast(cancelled_passes as bigint) as cancelled_passes,
    cast(closing_passes as bigint) as closing_passes,
    cast(coalesce(lag(closing_eur) over account_month, 0) as decimal(18, 2)) as opening_eur,
    cast(issued_eur as decimal(18, 2)) as issued_eur,
    cast(used_eur as decimal(18, 2)) as used_eur,
    cast(expired_eur as decimal(18, 2)) as expired_eur,
    cast(cancelled_eur as decimal(18, 2)) as cancelled_eur,
    cast(closing_eur as decimal(18, 2)) as closing_eur
from balance
window account_month as (partition by territory_code order by month)
order by month, territory_code
