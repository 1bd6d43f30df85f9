-- What became of every accepted line, as core decided it (int_line): a line of several records stays one row.
with line as not materialized (
    select * from {{ ref('int_line') }}
)

{{ one_row_a_line('line', ['source_file_id', 'source_line'], counted_as='records') }}
