{# A composite key: no two rows share these columns (a blank equals a blank). Of a large table, only the rows whose hashes
   meet are compared: to group all by all of the columns costs more than twice as much. #}
{% test unique_combination(model, columns) %}
{%- set key = columns | join(', ') %}
select {{ key }}, count(*) as copies
from {{ model }}
where hash({{ key }}) in (select hash({{ key }}) from {{ model }} group by hash({{ key }}) having count(*) > 1)
group by {{ key }}
having count(*) > 1
{% endtest %}
