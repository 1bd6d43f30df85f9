-- Protects the mandate account: opening + issued − used − expired − cancelled = closing, closing = the next opening,
-- and the last closing is the face value of the passes that have not left (figures, mandate ledger; D. 1611-25).
{{ config(meta={
    'code': 'PN-303', 'owner': 'MGP',
    'sentence': "Le compte du mandat se clôt et se rouvre au même solde, et son dernier solde est celui des pass encore en circulation.",
    'dagster': {'ref': {'name': 'mandate_ledger'}},
}) }}
with ledger as (
    select
        *,
        lead(opening_passes) over account_month as next_opening_passes,
        lead(opening_eur) over account_month as next_opening_eur
    from {{ ref('mandate_ledger') }}
    window account_month as (partition by territory_code order by month)
),

outstanding as (
    select
        territory_code,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    where left_on is null
    group by territory_code
)

select
    ledger.territory_code,
    ledger.month,
    ledger.closing_passes,
    ledger.closing_eur
from ledger
left join outstanding using (territory_code)
where ledger.opening_passes + ledger.issued_passes - ledger.used_passes
    - ledger.expired_passes - ledger.cancelled_passes <> ledger.closing_passes
    or ledger.opening_eur + ledger.issued_eur - ledger.used_eur
    - ledger.expired_eur - ledger.cancelled_eur <> ledger.closing_eur
    or ledger.closing_passes <> coalesce(ledger.next_opening_passes, outstanding.passes, 0)
    or ledger.closing_eur <> coalesce(ledger.next_opening_eur, outstanding.face_value_eur, 0)
