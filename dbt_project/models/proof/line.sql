-- What became of every accepted line, as core decided it (int_line): a line of several records stays one row. Such lines
-- are few, most often none: only they are added up, for to group every line of a million carnets while they are put
-- beside what counts in their stead takes more memory than a build is given.
with line as materialized (
    select
        *,
        hash(source_file_id, source_line) as line_key
    from {{ ref('int_line') }}
),

repeated as materialized (
    select line_key
    from line
    group by line_key
    having count(*) > 1
)

select
    line.* exclude (line_key),
    cast(1 as integer) as records
from line
anti join repeated using (line_key)
union all by name
select
    line.* exclude (line_key),
    cast(count(*) as integer) as records
from line
semi join repeated using (line_key)
group by all
