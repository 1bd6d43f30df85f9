-- Protects from an euro lost or doubled on the road: what the current lines say is what the facts and the marts hold.
{{ config(meta={
    'code': 'PN-305', 'owner': 'MGP',
    'sentence': "Les euros des lignes livrées se retrouvent, au centime, dans les faits et dans les tableaux publiés.",
    'dagster': {'ref': {'name': 'lieu_activity'}},
}) }}
with comparison as (
    select
        'amounts of redemption lines' as what,
        (select amount_eur from {{ ref('int_staged_total') }} where dataset = 'utilisations') as expected,
        (select coalesce(sum(amount_eur), 0) from {{ ref('fct_redemption') }}) as observed
    union all
    select
        'amounts of counted redemptions by lieu',
        (select coalesce(sum(amount_eur), 0) from {{ ref('fct_redemption') }} where is_counted),
        (select coalesce(sum(amount_eur), 0) from {{ ref('lieu_activity') }})
    union all
    select
        'amounts of counted redemptions by attendance',
        (select coalesce(sum(amount_eur), 0) from {{ ref('fct_redemption') }} where is_counted),
        (select coalesce(sum(amount_eur), 0) from {{ ref('fct_attendance') }})
    union all
    select
        'counted redemptions paid back',
        (
            select coalesce(sum(amount_eur), 0) from {{ ref('fct_redemption') }}
            where is_counted and {{ is_reimbursed('source_status') }}
        ),
        (select coalesce(sum(reimbursed_eur), 0) from {{ ref('lieu_activity') }})
    union all
    select
        'counter-payments made',
        (select coalesce(sum(amount_eur), 0) from {{ ref('fct_counter_payment') }}),
        (select coalesce(sum(amount_eur), 0) from {{ ref('counter_payment') }})
    union all
    select
        'face value used by flow',
        (select coalesce(sum(face_value_eur), 0) from {{ ref('fct_pass') }} where status = 'used'),
        (select coalesce(sum(face_value_used_eur), 0) from {{ ref('territory_flows') }})
    union all
    select
        'budget entries by month',
        (select coalesce(sum(amount_incl_tax_eur), 0) from {{ ref('fct_budget_entry') }} where is_counted),
        (select coalesce(sum(amount_incl_tax_eur), 0) from {{ ref('budget_month') }})
    union all
    select
        'budget entries from files',
        (select amount_eur from {{ ref('int_staged_total') }} where dataset = 'budget'),
        (select coalesce(sum(amount_incl_tax_eur), 0) from {{ ref('fct_budget_entry') }})
)

select *
from comparison
where expected is distinct from observed
