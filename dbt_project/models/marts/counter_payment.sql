select
    payment.lieu_siret,
    lieu.lieu_name,
    coalesce(payment.reimbursement_reference, '(sans référence)') as reimbursement_reference,
    payment.reimbursed_on,
    count(*) as passes,
    cast(sum(payment.amount_eur) as decimal(18, 2)) as amount_eur
from {{ ref('fct_counter_payment') }} as payment
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
group by all
order by all
