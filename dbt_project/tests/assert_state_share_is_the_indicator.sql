-- Protects from a State called for another share than the one published (figures §2).
{{ config(meta={
    'code': 'PN-328', 'owner': 'MGP',
    'sentence': "La part de l'État mois par mois finit à celle de l'indicateur, et le reste à appeler est ce qui n'en est pas reçu.",
    'dagster': {'ref': {'name': 'state_share'}},
}) }}
with last_month as (
    select
        arg_max(due_total_eur, month) as due_eur,
        arg_max(to_call_eur, month) as to_call_eur,
        sum(due_eur) as born_eur
    from {{ ref('state_share') }}
),

received as (
    select coalesce(sum(amount_eur), 0) as received_eur
    from {{ ref('mandate_operation') }}
    where nature = 'recette_etat'
)

select last_month.*, progress.value, received.received_eur
from last_month
cross join received
inner join {{ ref('programme_progress') }} as progress on progress.indicator = 'state_share_due_eur'
where coalesce(last_month.due_eur, 0) <> cast(progress.value as decimal(18, 2))
    or coalesce(last_month.born_eur, 0) <> cast(progress.value as decimal(18, 2))
    or coalesce(last_month.to_call_eur, 0) <> cast(progress.value as decimal(18, 2)) - received.received_eur
