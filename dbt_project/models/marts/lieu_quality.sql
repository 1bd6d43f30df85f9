-- The lines delivered by each lieu: all of them, those that are not counted and why, those counted with an anomaly.
with line as (
    select
        redemption.lieu_siret,
        redemption.is_counted,
        redemption.exclusion_reason,
        redemption.anomalies
    from {{ ref('fct_redemption') }} as redemption
    inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
),

told as (
    select
        lieu_siret,
        'delivered' as line_kind,
        '' as line_reason
    from line
    union all
    select
        lieu_siret,
        'uncounted' as line_kind,
        exclusion_reason as line_reason
    from line
    where not is_counted
    union all
    select
        lieu_siret,
        'anomaly' as line_kind,
        unnest(anomalies) as line_reason
    from line
)

select
    lieu_siret,
    line_kind,
    line_reason,
    count(*) as delivered_lines
from told
group by all
order by all
