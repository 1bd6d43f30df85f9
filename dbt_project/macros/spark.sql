{# How a model is written on Spark: by the engine (warehouse/build/spark), which tells the model's SQL in Spark's words. #}
{% materialization table, adapter='spark' %}
    {%- set columns = model.columns if config.get('contract').enforced else {} -%}
    {%- do adapter.build_table(this, compiled_code, columns) -%}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{% materialization view, adapter='spark' %}
    {%- do adapter.build_view(this, compiled_code) -%}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}

{% materialization view_unless_large, adapter='spark' %}
    {%- do adapter.build_view(this, compiled_code) -%}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}

{# A table macro is a function of DuckDB's file, for who opens it: Spark's tables are folders, and have none. #}
{% materialization table_macro, adapter='spark' %}
    {%- call noop_statement('main', 'OK') -%}{%- endcall -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
