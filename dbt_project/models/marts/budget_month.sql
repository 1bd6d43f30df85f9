select
    {{ month_of('entered_on') }} as month,
    nature,
    category,
    ami,
    count(*) as entries,
    cast(sum(amount_incl_tax_eur) as decimal(18, 2)) as amount_incl_tax_eur,
    cast(sum(amount_excl_tax_eur) as decimal(18, 2)) as amount_excl_tax_eur
from {{ ref('fct_budget_entry') }}
where is_counted
group by all
order by all
