-- How many passes each carnet holds, for the tests to compare: the passes themselves can then go.
select
    carnet_number,
    count(*) as passes
from {{ ref('int_issued_pass') }}
group by carnet_number
