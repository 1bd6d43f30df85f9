-- Protects from an account told differently by its operations, its months and its lines: passes in circulation by month
-- and territory, and cash by nature (figures §2, §5).
{{ config(meta={
    'code': 'PN-327', 'owner': 'MGP',
    'sentence': "Les opérations du mandat font le compte des pass, la trésorerie, les trop-perçus et les avoirs, au centime près.",
    'dagster': {'ref': {'name': 'mandate_operation'}},
}) }}
with told as (
    select 'circulation' as what, {{ month_of('operated_on') }} as month, territory_code, sum(circulation_eur) as amount
    from {{ ref('mandate_operation') }}
    where family in ('issue', 'exit')
    group by all
    union all
    select 'passes', {{ month_of('operated_on') }}, territory_code, sum(circulation_passes)
    from {{ ref('mandate_operation') }}
    where family in ('issue', 'exit')
    group by all
    union all
    select 'treasury', null, null, sum(treasury_eur) from {{ ref('mandate_operation') }}
    union all
    select 'receivable', null, null, sum(receivable_eur) from {{ ref('mandate_operation') }}
    union all
    select 'credit_note', null, null, sum(credit_note_eur) from {{ ref('mandate_operation') }}
    union all
    select 'payment', null, null, sum(amount_eur) from {{ ref('mandate_operation') }} where family = 'payment'
    union all
    select 'entry', null, null, sum(amount_eur) from {{ ref('mandate_operation') }} where family = 'entry'
),

published as (
    select 'circulation' as what, month, territory_code, closing_eur - opening_eur as amount
    from {{ ref('mandate_ledger') }}
    union all
    select 'passes', month, territory_code, closing_passes - opening_passes from {{ ref('mandate_ledger') }}
    union all
    select 'treasury', null, null, arg_max(closing_eur, month) from {{ ref('mandate_treasury') }}
    union all
    select 'receivable', null, null, sum(open_eur) from {{ ref('mandate_receivable') }}
    union all
    select 'credit_note', null, null, sum(credit_note_eur) from {{ ref('credit_note') }}
    union all
    select 'payment', null, null, sum(amount_eur) from {{ ref('counter_payment') }}
    union all
    select 'entry', null, null, sum(amount_incl_tax_eur) from {{ ref('budget_month') }}
)

select told.what, told.month, told.territory_code, told.amount as operations, published.amount as published
from told
full join published
    on told.what = published.what
    and told.month is not distinct from published.month
    and told.territory_code is not distinct from published.territory_code
where coalesce(told.amount, 0) <> coalesce(published.amount, 0)
