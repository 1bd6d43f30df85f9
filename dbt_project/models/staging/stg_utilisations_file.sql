-- Grain: one row per file of utilisations. What a version's rank tells of its file (macro version_order), so that a line
-- is not looked for again among all that were delivered.
with source as not materialized (
    select * from {{ source('lake', 'utilisations') }}
),

{{ version_order() }}

select
    file_rank,
    source_file_id,
    extract_date
from file_order
