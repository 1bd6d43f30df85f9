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
    {%- do let_go_of_what_is_read() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# A step whose groups of lines do not spill, read by one model beside others as heavy: a view, which costs nothing, and
   where lines are many a table, so that it is worked out alone and its memory is free for the next one. #}
{% materialization view_unless_large, adapter='duckdb' %}
    {%- if is_large_run() -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- call statement('main') -%}
        create or replace view {{ target }} as {{ compiled_code }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# Whether so many lines are built that what is intermediate is written in a file (warehouse/build/candidate.py). #}
{% macro is_large_run() -%}
    {{ return(env_var('PASSNUM_LARGE', '0') == '1') }}
{%- endmacro %}

{# Whether a model is read through, its own reading being done by who reads it. #}
{% macro is_view(node) -%}
    {%- set how = node.config.materialized -%}
    {{ return(how == 'view' or (how == 'view_unless_large' and not is_large_run())) }}
{%- endmacro %}

{# An intermediate table goes as soon as no model or test that reads it is still to come: what follows has its room, and
   need not spill. Where a later step wants them (one model built alone), they stay. #}
{% macro let_go_of_what_is_read() -%}
    {%- if env_var('PASSNUM_LET_GO', '') == '1' -%}
        {%- for read in tables_behind(model.depends_on.nodes) if graph.nodes[read].database == 'scratch' -%}
            {%- set waited_for = [] -%}
            {%- for reader in readers_of(read) if reader.unique_id != model.unique_id -%}
                {%- set made = adapter.get_relation(reader.database, reader.schema, reader.alias) -%}
                {%- do waited_for.append(reader.name) if not (reader.resource_type == 'model' and made) -%}
            {%- endfor -%}
            {%- if not waited_for -%}
                {%- do adapter.execute('drop table if exists ' ~ graph.nodes[read].relation_name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{# The tables that these nodes are, or that their views read. #}
{% macro tables_behind(names) -%}
    {%- set found = [] -%}
    {%- for name in names if name in graph.nodes -%}
        {%- set node = graph.nodes[name] -%}
        {%- do found.extend(tables_behind(node.depends_on.nodes) if is_view(node) else [name]) -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{%- endmacro %}

{# The models and tests that read a node, themselves or through a view. #}
{% macro readers_of(name) -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if name in (node.depends_on.nodes or []) -%}
        {%- do found.extend(readers_of(node.unique_id) if is_view(node) else [node]) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

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
