{# A rate is the quotient of two figures of one place, as its row of rate_dictionary says. #}

{# Of a denominator of 0 or unknown there is no rate. #}
{% macro rate_of(numerator, denominator, per) -%}
    cast({{ numerator }} * {{ per }} / nullif({{ denominator }}, 0) as double)
{%- endmacro %}
