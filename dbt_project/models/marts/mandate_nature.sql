-- The chart of accounts of the mandate as it was when the version was built: a closed account is read with it too.
select
    rank,
    nature,
    family,
    category,
    with_lieu,
    circulation,
    treasury,
    receivable,
    credit_note,
    payable,
    principal,
    suspense
from {{ ref('account_chart') }}
order by rank
