-- What the current versions are in number, and in euros where a line bears some: counted once they are made, for the tests
-- to compare what core and marts make of them. The lines themselves can then go, which is room for what follows.
{% set euros = {'utilisations': 'amount_eur', 'budget': 'amount_incl_tax_eur'} %}
{% for dataset in line_keys() %}
select
    '{{ dataset }}' as dataset,
    count(*) as versions,
    {{ 'coalesce(sum(' ~ euros[dataset] ~ '), 0)' if dataset in euros else 'null' }} as amount_eur
from {{ ref('stg_' ~ dataset) }}
{% if not loop.last %}union all{% endif %}
{%- endfor %}
