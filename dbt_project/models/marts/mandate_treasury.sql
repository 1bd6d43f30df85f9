-- Opening + each nature that moves the treasury, in the line that the chart of accounts gives it = closing; none is netted.
with monthly as (
    select
        {{ month_of('operated_on') }} as month,
        chart.treasury_line,
        sum(treasury_eur) as treasury_eur,
        sum(amount_eur) as amount_eur
    from {{ ref('mandate_operation') }} as operation
    inner join {{ ref('account_chart') }} as chart using (nature)
    where operation.treasury_eur <> 0
    group by all
),

{{ months_of_account() }},

moved as (
    select
        calendar.month,
        sum(amount_eur) filter (where monthly.treasury_line = 'mandated') as mandated_eur,
        sum(amount_eur) filter (where monthly.treasury_line = 'counter_paid') as counter_paid_eur,
        sum(amount_eur) filter (where monthly.treasury_line = 'recovered') as recoveries_eur,
        sum(amount_eur) filter (where monthly.treasury_line = 'credited') as credited_eur,
        coalesce(sum(treasury_eur), 0) as change_eur
    from calendar
    left join monthly using (month)
    group by calendar.month
)

select
    month,
    cast(sum(change_eur) over by_month - change_eur as decimal(18, 2)) as opening_eur,
    cast(coalesce(mandated_eur, 0) as decimal(18, 2)) as mandated_eur,
    cast(coalesce(counter_paid_eur, 0) as decimal(18, 2)) as counter_paid_eur,
    cast(coalesce(recoveries_eur, 0) as decimal(18, 2)) as recoveries_eur,
    cast(coalesce(credited_eur, 0) as decimal(18, 2)) as credited_eur,
    cast(sum(change_eur) over by_month as decimal(18, 2)) as closing_eur
from moved
window by_month as (order by month)
order by month
