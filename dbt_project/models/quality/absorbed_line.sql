select
    file_id,
    file_name,
    dataset,
    line_number,
    kept_line,
    reason
from {{ source('lake', 'absorbed_line') }}
order by file_id, line_number
