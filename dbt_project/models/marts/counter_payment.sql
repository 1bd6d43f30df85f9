select
    reimbursement.lieu_siret,
    lieu.lieu_name,
    coalesce(reimbursement.reimbursement_reference, '(sans référence)') as reimbursement_reference,
    reimbursement.reimbursed_on,
    count(*) as passes,
    cast(sum(reimbursement.amount_eur) as decimal(18, 2)) as amount_eur
from {{ ref('int_reimbursement') }} as reimbursement
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
group by all
order by all
