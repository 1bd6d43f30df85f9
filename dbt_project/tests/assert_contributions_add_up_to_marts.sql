-- Protects from a figure that is not the sum of its lines: every measure, for the programme, a territory, a month of a
-- territory and a month of a lieu, is what proof.contribution adds up to (figures §5). A ceiling is no sum.
{{ config(meta={
    'code': 'PN-325', 'owner': 'MGP',
    'sentence': "Chaque chiffre publié est la somme des lignes livrées qui le composent, par territoire, par mois et par lieu.",
    'dagster': {'ref': {'name': 'contribution'}},
}) }}
with summed as (
    {{ measures_by({
        'month': month_of('contribution.event_on'),
        'territory_code': 'contribution.territory_code',
        'lieu_siret': 'contribution.lieu_siret',
    }) }}
),

territory_month as (
    unpivot (
        select month, territory_code, columns(* exclude (month, territory_code, territory_name, ami))::double
        from {{ ref('territory_month') }}
    ) on columns(* exclude (month, territory_code)) into name indicator value value
),

territory as (
    unpivot (
        select
            territory_code,
            columns(* exclude (
                territory_code, territory_name, territory_type, ami, is_participating, participation_status, ept_name,
                current_code, people_target, hours_target, pic_answered_share, qpv_answered_share
            ))::double
        from {{ ref('territory_progress') }}
    ) on columns(* exclude (territory_code)) into name indicator value value
),

lieu_month as (
    unpivot (
        select month, lieu_siret, columns(* exclude (month, lieu_siret))::double
        from (
            select
                * exclude (lieu_name, territory_code, is_inferred, amount_eur),
                amount_eur as amount_used_eur
            from {{ ref('lieu_activity') }}
        )
    ) on columns(* exclude (month, lieu_siret)) into name indicator value value
),

published as (
    select 'programme' as cut, indicator, null as month, null as code, value
    from {{ ref('programme_progress') }}
    union all
    select 'territory', indicator, null, territory_code, value from territory
    union all
    select 'territory and month', indicator, month, territory_code, value from territory_month
    union all
    select 'lieu and month', indicator, month, lieu_siret, value from lieu_month
),

proved as (
    select 'programme' as cut, indicator, null as month, null as code, value, denominator from summed
    union all
    select 'territory', indicator, null, territory_code, value, denominator from summed where territory_code is not null
    union all
    select 'territory and month', indicator, month, territory_code, value, denominator
    from summed
    where territory_code is not null
    union all
    select 'lieu and month', indicator, month, lieu_siret, value, denominator from summed where lieu_siret is not null
),

total as (
    select cut, indicator, month, code, sum(value) as value, sum(denominator) as denominator
    from proved
    group by all
),

compared as (
    select
        published.cut,
        published.indicator,
        published.month,
        published.code,
        published.value as published_value,
        {{ read_of('total') }} as proved_value
    from published
    inner join {{ ref('measure') }} as measure on published.indicator = measure.code
    left join total
        on published.cut = total.cut
        and published.indicator = total.indicator
        and published.month is not distinct from total.month
        and published.code is not distinct from total.code
    where measure.rule <> 'capped'
)

select * from compared
where abs(coalesce(published_value, 0) - coalesce(proved_value, 0)) > 1e-6

union all

-- A line that no published figure holds.
select total.cut, total.indicator, total.month, total.code, null, total.value
from total
where total.cut = 'territory' and total.value <> 0
    and not exists (
        select 1 from {{ ref('territory_progress') }} as territory where territory.territory_code = total.code
    )
