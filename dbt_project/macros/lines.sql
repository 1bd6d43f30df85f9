{# A delivered line is one record, but in the formats where it is several (one row a transaction): what is told of lines is
   then added up. Where no file of the build has such a line there is nothing to add up, and nothing is searched. #}

{# Whether a line of the files that are built may be several records: told by their receipts (warehouse/build/candidate.py),
   yes unless told. #}
{% macro lines_may_be_shared() -%}
    {{ return(env_var('PASSNUM_SHARED_LINES', '1') == '1') }}
{%- endmacro %}

{# One row per line and whatever else `rows` says of it. `rows`: a common table expression; `line`: the columns that name a
   line; `counted_as`: the column that counts the rows put together; `sums`: those that are added up.
   Lines of several rows are few even where there are some: only they are grouped, for to group every line of a million
   carnets takes more memory than a build is given. #}
{% macro one_row_a_line(rows, line, counted_as, sums=[]) -%}
{%- if not lines_may_be_shared() -%}
select
    *,
    cast(1 as integer) as {{ counted_as }}
from {{ rows }}
{%- else -%}
select * from (
    with keyed as materialized (
        select
            *,
            hash({{ line | join(', ') }}) as line_key
        from {{ rows }}
    ),

    repeated as materialized (
        select line_key
        from keyed
        group by line_key
        having count(*) > 1
    )

    select
        keyed.* exclude (line_key),
        cast(1 as integer) as {{ counted_as }}
    from keyed
    anti join repeated using (line_key)
    union all by name
    select
        keyed.* exclude ({{ (['line_key'] + sums) | join(', ') }}),
        {%- for measure in sums %}
        sum(keyed.{{ measure }}) as {{ measure }},
        {%- endfor %}
        cast(count(*) as integer) as {{ counted_as }}
    from keyed
    semi join repeated using (line_key)
    group by all
) as added_up
{%- endif -%}
{%- endmacro %}
