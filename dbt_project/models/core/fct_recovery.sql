-- A recovery names a payment's reference. Where several lieux owe under one reference, the debt known first is repaid
-- first (then the smallest SIRET): both are laid end to end, and each recovery repays the debts it overlaps.
with debt as (
    select
        lieu_siret,
        coalesce(reimbursement_reference, '') as reference,
        min(receivable_known_on) as known_on,
        sum(overpaid_eur) as amount_eur
    from {{ ref('fct_counter_payment') }}
    where overpaid_eur > 0
    group by all
),

debt_span as (
    select
        *,
        sum(amount_eur) over (partition by reference order by known_on, lieu_siret) as ends_at
    from debt
),

entry as (
    select
        *,
        coalesce(reference, '') as debt_reference
    from {{ ref('fct_budget_entry') }}
    where is_counted and nature = 'recouvrement_lieu' and category = 'valeur_faciale' and amount_incl_tax_eur > 0
),

entry_span as (
    select
        *,
        sum(amount_incl_tax_eur) over (partition by debt_reference order by entered_on, entry_id) as ends_at
    from entry
),

repaid as (
    select
        entry_span.entry_id,
        debt_span.lieu_siret,
        least(entry_span.ends_at, debt_span.ends_at) - greatest(
            entry_span.ends_at - entry_span.amount_incl_tax_eur, debt_span.ends_at - debt_span.amount_eur
        ) as amount_eur
    from entry_span
    inner join debt_span
        on entry_span.debt_reference = debt_span.reference
        and entry_span.ends_at > debt_span.ends_at - debt_span.amount_eur
        and entry_span.ends_at - entry_span.amount_incl_tax_eur < debt_span.ends_at
),

-- What exceeds every debt of its reference repays nothing: it is kept, without a lieu.
excess as (
    select
        entry_span.entry_id,
        cast(null as varchar) as lieu_siret,
        any_value(entry_span.amount_incl_tax_eur) - coalesce(sum(repaid.amount_eur), 0) as amount_eur
    from entry_span
    left join repaid using (entry_id)
    group by entry_span.entry_id
),

allocated as (
    select * from repaid
    union all
    select * from excess where amount_eur > 0
)

select
    allocated.entry_id,
    allocated.lieu_siret,
    entry.reference as reimbursement_reference,
    entry.entered_on as recovered_on,
    cast(allocated.amount_eur as decimal(18, 2)) as amount_eur,
    entry.source_file_id,
    entry.source_line
from allocated
inner join entry using (entry_id)
order by allocated.entry_id, allocated.lieu_siret
