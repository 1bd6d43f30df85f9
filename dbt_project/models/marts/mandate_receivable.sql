with receivable as (
    select
        lieu_siret,
        reimbursement_reference,
        count(*) as passes,
        sum(overpaid_eur) as amount_eur,
        string_agg(distinct cause, ' | ' order by cause) as cause,
        min(receivable_known_on) as known_on
    from {{ ref('fct_counter_payment') }}
    where overpaid_eur > 0
    group by all
),

recovered as (
    select
        lieu_siret,
        reimbursement_reference,
        sum(amount_eur) as recovered_eur
    from {{ ref('fct_recovery') }}
    where lieu_siret is not null
    group by all
)

select
    receivable.lieu_siret,
    lieu.lieu_name,
    coalesce(receivable.reimbursement_reference, '(sans référence)') as reimbursement_reference,
    receivable.passes,
    cast(receivable.amount_eur as decimal(18, 2)) as amount_eur,
    receivable.cause,
    receivable.known_on,
    cast(coalesce(recovered.recovered_eur, 0) as decimal(18, 2)) as recovered_eur,
    cast(receivable.amount_eur - coalesce(recovered.recovered_eur, 0) as decimal(18, 2)) as open_eur
from receivable
inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
left join recovered
    on receivable.lieu_siret = recovered.lieu_siret
    and receivable.reimbursement_reference is not distinct from recovered.reimbursement_reference
order by receivable.lieu_siret, reimbursement_reference
