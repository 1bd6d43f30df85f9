{# Every data test, each counted by its own SQL and told as dbt's log says it: `unique_id count`. One node of dbt costs more
   than the query of most of these tests; a run asks dbt for the whole of a test only where this counted something, or
   could not count (warehouse/build/transform.py). A key, a relationship, a list of values is the SQL of its macro; an
   accounting identity, the SQL of its file. #}
{% macro count_failing_rows() -%}
    {%- for test in graph.nodes.values() if test.resource_type == 'test' and test.config.fail_calc == 'count(*)' -%}
        {%- set failing = rows_of_generic_test(test) if test.test_metadata else render(test.raw_code) -%}
        {%- do log(test.unique_id ~ ' ' ~ rows_counted(failing)) -%}
    {%- endfor -%}
{%- endmacro %}

{# The SQL of a generic test: its macro, called as dbt calls it. #}
{% macro rows_of_generic_test(test) -%}
    {%- set kwargs = {} -%}
    {%- for name, value in test.test_metadata.kwargs.items() if name not in ('model', 'to') -%}
        {%- do kwargs.update({name: value}) -%}
    {%- endfor -%}
    {%- if 'to' in test.test_metadata.kwargs -%}
        {%- set others = test.depends_on.nodes | reject('equalto', test.attached_node) | list -%}
        {%- do kwargs.update({'to': graph.nodes[(others or [test.attached_node])[0]].relation_name}) -%}
    {%- endif -%}
    {%- set model = graph.nodes[test.attached_node].relation_name -%}
    {%- if test.config.where -%}
        {%- set model = '(select * from ' ~ model ~ ' where ' ~ test.config.where ~ ') as dbt_subquery' -%}
    {%- endif -%}
    {{ return(context['test_' ~ test.test_metadata.name](model=model, **kwargs)) }}
{%- endmacro %}

{# How many rows a query answers, on the engine that holds the tables. #}
{% macro rows_counted(query) -%}
    {{ return(adapter.dispatch('rows_counted', 'passnum')(query)) }}
{%- endmacro %}

{% macro default__rows_counted(query) -%}
    {{ return(adapter.execute('select count(*) from (' ~ query ~ '\n) as failing', fetch=True)[1].rows[0][0]) }}
{%- endmacro %}

{% macro spark__rows_counted(query) -%}
    {{ return(adapter.count_rows(query)) }}
{%- endmacro %}
