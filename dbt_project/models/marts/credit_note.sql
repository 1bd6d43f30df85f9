select
    {{ month_of('operated_on') }} as month,
    nature,
    territory_code,
    order_reference,
    lot_code,
    cast(sum(passes) as bigint) as passes,
    cast(sum(amount_eur) as decimal(18, 2)) as amount_eur,
    cast(sum(credit_note_eur) as decimal(18, 2)) as credit_note_eur
from {{ ref('mandate_operation') }}
where credit_note_eur <> 0
group by all
order by all
