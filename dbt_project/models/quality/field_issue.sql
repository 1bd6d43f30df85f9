select
    file_id,
    file_name,
    dataset,
    line_number,
    column_name,
    value,
    reason
from {{ source('lake', 'field_issue') }}
order by file_id, line_number, column_name
