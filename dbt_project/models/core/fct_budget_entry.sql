select
    entry_id,
    entered_on,
    nature,
    category,
    amount_incl_tax_eur,
    amount_excl_tax_eur,
    reference,
    order_reference,
    ami,
    entered_on <= {{ as_of() }} as is_counted,
    source_file_id,
    source_line
from {{ ref('stg_budget') }}
order by entry_id
