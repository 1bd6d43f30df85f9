-- Of each lieu, its counted uses: those that are reimbursed, in how many days, and those that still wait.
with line as (
    select
        redemption.lieu_siret,
        redemption.redeemed_on,
        redemption.reimbursed_on,
        redemption.amount_eur,
        coalesce({{ is_reimbursed('redemption.source_status') }}, false) as is_paid,
        case
            when {{ is_reimbursed('redemption.source_status') }} and redemption.reimbursed_on >= redemption.redeemed_on
                then redemption.reimbursed_on - redemption.redeemed_on
        end as delay_days
    from {{ ref('fct_redemption') }} as redemption
    inner join {{ ref('dim_lieu') }} as lieu using (lieu_siret)
    where redemption.is_counted
),

delayed as (
    select delay_days from line where delay_days is not null
)

select
    lieu_siret,
    count(*) filter (where is_paid) as passes_paid,
    cast(coalesce(sum(amount_eur) filter (where is_paid), 0) as decimal(18, 2)) as paid_eur,
    max(reimbursed_on) filter (where is_paid) as last_paid_on,
    cast(median(delay_days) as double) as delay_days,
    cast(max(delay_days) as integer) as longest_delay_days,
    count(*) filter (where not is_paid) as passes_waiting,
    cast(coalesce(sum(amount_eur) filter (where not is_paid), 0) as decimal(18, 2)) as waiting_eur,
    min(redeemed_on) filter (where not is_paid) as waiting_since,
    cast((select median(delay_days) from delayed) as double) as programme_delay_days
from line
group by lieu_siret
order by lieu_siret
