select
    operation.lieu_siret,
    lieu.lieu_name,
    coalesce(operation.reference, '(sans référence)') as reimbursement_reference,
    cast(sum(operation.passes) as bigint) as passes,
    cast(sum(operation.amount_eur) filter (where operation.nature = 'trop_percu') as decimal(18, 2)) as amount_eur,
    string_agg(distinct operation.cause, ' | ' order by operation.cause) as cause,
    min(operation.operated_on) filter (where operation.nature = 'trop_percu') as known_on,
    cast(coalesce(sum(operation.amount_eur) filter (where operation.nature = 'recouvrement'), 0) as decimal(18, 2))
        as recovered_eur,
    cast(sum(operation.receivable_eur) as decimal(18, 2)) as open_eur
from {{ ref('mandate_operation') }} as operation
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
where operation.receivable_eur <> 0
group by all
order by operation.lieu_siret, reimbursement_reference
