-- What became of every accepted line, as core decided it (int_line): a line of several records stays one row.
select
    dataset,
    source_file_id,
    source_line,
    reason,
    other_file_id,
    other_line,
    cast(count(*) as integer) as records
from {{ ref('int_line') }}
group by all
