-- Protects from two readings of the stock: what is usable at a month's end is the closing balance of the mandate's account,
-- in passes and in euros, and what the territories' states say of it (figures §2).
{{ config(meta={
    'code': 'PN-330', 'owner': 'MGP',
    'sentence': "Les pass utilisables à la fin de chaque mois sont la clôture du compte du mandat, en pass et en euros.",
    'dagster': {'ref': {'name': 'stock_month'}},
}) }}
with stock as (
    select month, territory_code, sum(passes) as passes, sum(face_value_eur) as face_value_eur
    from {{ ref('stock_month') }}
    group by all
)

select 'ledger' as compared_to, month, territory_code, stock.passes, ledger.closing_passes as expected_passes
from {{ ref('mandate_ledger') }} as ledger
full join stock using (month, territory_code)
where coalesce(stock.passes, 0) <> coalesce(ledger.closing_passes, 0)
    or coalesce(stock.face_value_eur, 0) <> coalesce(ledger.closing_eur, 0)
union all
select 'state', month, territory_code, stock.passes, state.passes_usable
from {{ ref('territory_state_month') }} as state
left join stock using (month, territory_code)
where coalesce(stock.passes, 0) <> state.passes_usable
    or coalesce(stock.face_value_eur, 0) <> state.face_value_usable_eur
