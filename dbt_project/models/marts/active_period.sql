-- Who had a use in a month, a quarter or a year: periods do not add up, territories do (a lieu stands in one).
with period as (
    select unnest([1, 3, 12]) as months
),

used as (
    select
        month,
        territory_code,
        lieu_siret,
        null as active_code
    from {{ ref('lieu_activity') }}
    where passes_used > 0 and not is_inferred
    union all
    select
        activity.month,
        activity.territory_code,
        null as lieu_siret,
        activity.territory_code as active_code
    from {{ ref('territory_month') }} as activity
    inner join {{ ref('dim_territory') }} as territory using (territory_code)
    where activity.passes_used > 0 and territory.is_participating
)

select
    period.months,
    {{ period_start('used.month', 'period.months') }} as starts_on,
    used.territory_code,
    count(distinct used.lieu_siret) as lieux_active,
    count(distinct used.active_code) as territories_active
from used
cross join period
group by all
order by all
