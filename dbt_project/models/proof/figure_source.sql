-- What each delivered file brings to each measure, by month and territory (of the event, and
-- of the carnet: the mandate's account): what a page opens under a figure, and what the
-- address of a figure is read from. Every cut of it adds up.
with summed as (
    {{ measures_by(
        {
            'territory_code': 'contribution.territory_code',
            'account_code': 'contribution.account_code',
            'ami': 'contribution.ami',
            'month': month_of('contribution.event_on'),
            'source_file_id': 'contribution.source_file_id',
        },
        with_lines=true
    ) }}
)

select
    indicator,
    territory_code,
    account_code,
    ami,
    month,
    source_file_id,
    lines,
    first_on,
    last_on,
    cast(value as decimal(18, 2)) as value,
    denominator
from summed
order by indicator, month, territory_code, account_code, source_file_id
