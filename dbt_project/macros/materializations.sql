{# How a model is written. A candidate is a file that nobody reads before it is whole: nothing has to be renamed, backed
   up or swapped behind a reader's back, which is most of what dbt-duckdb's own `table` does. Each table is one statement,
   its contract and its comments included. There is no hook, grant, index or foreign key here: none is run. #}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- call statement('main') -%}
        drop table if exists {{ target }};
        {{ create_table_as(False, target, compiled_code) }}
        {%- if config.persist_relation_docs() %}
        {{ comments_of(target) }}
        {%- endif %}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# The model's description on its table, and each column's on the column. #}
{% macro comments_of(relation) -%}
    comment on table {{ relation }} is {{ duckdb_escape_comment(model.description) }};
    {%- for column in model.columns.values() if column.description %}
    comment on column {{ relation }}.{{ adapter.quote(column.name) }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{%- endmacro %}

{# A table macro in the published file: `parameters` as DuckDB writes them, the model's SQL as its body. A macro finds its
   tables in the database that is open, whatever that is named: the names of its body have none. #}
{% materialization table_macro, adapter='duckdb' %}
    {%- set target = this.include(database=false) -%}
    {%- call statement('main') -%}
        create or replace macro {{ target }}({{ config.require('parameters') }}) as table
        {{ compiled_code | replace(adapter.quote(this.database) ~ '.', '') }};
        comment on macro table {{ target }} is {{ duckdb_escape_comment(model.description) }};
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
