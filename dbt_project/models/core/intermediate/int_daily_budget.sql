-- committed = Σ engagement; paid = Σ mandatement − Σ avoir (figures §2). Entries up to as-of.
select
    entered_on as date_day,
    coalesce(sum(amount_incl_tax_eur) filter (where nature = 'engagement'), 0) as budget_committed_eur,
    coalesce(sum(amount_incl_tax_eur) filter (where nature = 'mandatement'), 0)
    - coalesce(sum(amount_incl_tax_eur) filter (where nature = 'avoir'), 0) as budget_paid_eur
from {{ ref('fct_budget_entry') }}
where is_counted
group by entered_on
