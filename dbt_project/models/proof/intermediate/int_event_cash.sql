{{ config(materialized='view_unless_large') }}
-- Grain: one row per line and kind of event of the cash: counter_payment, receivable, recovery, budget.
-- A line that shows two payments of a lieu under one reference to be too much makes one receivable of them.
with entry as (
    select
        *,
        -- A credit note lowers what is paid: its amount is negative.
        case nature when 'avoir' then -amount_incl_tax_eur else amount_incl_tax_eur end as amount_eur
    from {{ ref('fct_budget_entry') }}
    where is_counted
)

select
    'counter_payment' as event,
    null as nature,
    booked_on as event_on,
    lieu_siret,
    reimbursement_reference as reference,
    null as category,
    null as order_reference,
    null as ami,
    1 as passes,
    amount_eur,
    source_file_id,
    source_line
from {{ ref('fct_counter_payment') }}
union all by name
select
    'receivable' as event,
    cause as nature,
    receivable_known_on as event_on,
    lieu_siret,
    reimbursement_reference as reference,
    count(*) as passes,
    sum(overpaid_eur) as amount_eur,
    receivable_file_id as source_file_id,
    receivable_line as source_line
from {{ ref('fct_counter_payment') }}
where overpaid_eur > 0
group by all
union all by name
select
    'recovery' as event,
    recovered_on as event_on,
    lieu_siret,
    reimbursement_reference as reference,
    amount_eur,
    source_file_id,
    source_line
from {{ ref('fct_recovery') }}
union all by name
select
    'budget' as event,
    nature,
    entered_on as event_on,
    reference,
    category,
    order_reference,
    ami,
    amount_eur,
    case when category = 'valeur_faciale' then amount_eur end as face_value_eur,
    source_file_id,
    source_line
from entry
