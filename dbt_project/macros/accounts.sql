{# The accounts of the mandate, as columns of the chart of accounts (seeds/account_chart.csv): passes in circulation, the
   operator's treasury of face value, what the lieux are to give back, credit notes due, uses to be counter-paid, what the
   Métropole paid beyond the value issued, recoveries that no receivable is found for. #}
{% macro accounts() -%}
    {{ return(['circulation', 'treasury', 'receivable', 'credit_note', 'payable', 'principal', 'suspense']) }}
{%- endmacro %}

{# Every month from the first to the last of the CTE `monthly`, that of as-of included: the CTE `calendar`. #}
{% macro months_of_account() -%}
calendar as (
    select cast(unnest(generate_series(min(month), greatest({{ month_of(as_of()) }}, max(month)), interval 1 month)) as date)
        as month
    from monthly
)
{%- endmacro %}

{# The State's share of what is used by then: the programme's rate, up to its ceiling. Reads `programme`. figures §2 #}
{% macro state_share_of(face_value_used) -%}
    cast(least(
        programme.state_rate * cast({{ face_value_used }} as decimal(18, 2)), programme.state_ceiling_eur
    ) as decimal(18, 2))
{%- endmacro %}
