select
    file_id,
    sha256,
    file_name,
    dataset,
    extract_date,
    received_at,
    outcome,
    reason,
    lines_read,
    lines_accepted,
    lines_rejected,
    lines_duplicate,
    personal_data_dropped
from {{ source('lake', 'delivered_file') }}
order by received_at, file_name, file_id
