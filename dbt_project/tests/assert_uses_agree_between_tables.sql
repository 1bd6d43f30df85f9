-- Protects from a redemption counted in one table and not in another (figures, redemption counted).
{{ config(meta={
    'code': 'PN-308', 'owner': 'MGP',
    'sentence': "Le nombre de pass utilisés est le même dans toutes les tables.",
    'dagster': {'ref': {'name': 'fct_redemption'}},
}) }}
with reference as (
    select count(*) as passes_used from {{ ref('fct_redemption') }} where is_counted
),

published as (
    select 'fct_pass' as where_found, count(*) as passes_used from {{ ref('fct_pass') }} where status = 'used'
    union all
    select 'fct_attendance', coalesce(sum(passes_used), 0) from {{ ref('fct_attendance') }}
    union all
    select 'lieu_activity', coalesce(sum(passes_used), 0) from {{ ref('lieu_activity') }}
    union all
    select 'territory_flows', coalesce(sum(passes_used), 0) from {{ ref('territory_flows') }}
    union all
    select 'progress_daily', coalesce(max(passes_used), 0) from {{ ref('progress_daily') }}
    union all
    select 'territory_month', coalesce(sum(passes_used), 0) from {{ ref('territory_month') }}
    union all
    select 'mandate_ledger', coalesce(sum(used_passes), 0) from {{ ref('mandate_ledger') }}
    union all
    select 'pass_lifecycle', coalesce(sum(passes), 0) from {{ ref('pass_lifecycle') }} where status = 'used'
)

select
    published.where_found,
    published.passes_used,
    reference.passes_used as expected
from published
cross join reference
where published.passes_used <> reference.passes_used
