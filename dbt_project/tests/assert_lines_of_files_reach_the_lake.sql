-- Protects from a line lost between a receipt, the lake and the current versions:
-- lines read = accepted + rejected + duplicate; rows of the receipt = rows in the lake, for every file (a line of
-- another grain is several rows, or several lines one); every key keeps one current version.
{{ config(meta={
    'code': 'PN-304', 'owner': 'MGP',
    'sentence': "Toutes les lignes acceptées sont dans le lac, et chaque clé y a exactement une version courante.",
    'dagster': {'ref': {'name': 'delivered_file'}},
}) }}
with receipt as (
    select
        dataset,
        file_id,
        rows_in_lake as expected,
        lines_read - lines_accepted - lines_rejected - lines_duplicate as lines_unexplained
    from {{ source('lake', 'delivered_file') }}
    where outcome = 'loaded'
),

held as (
    {% for dataset in line_keys() %}
    select
        '{{ dataset }}' as dataset,
        source_file_id as file_id,
        count(*) as found
    from {{ source('lake', dataset) }}
    group by source_file_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

version as (
    {% for dataset, key in line_keys().items() %}
    select
        '{{ dataset }}' as dataset,
        (select count(distinct {{ key }}) from {{ source('lake', dataset) }}) as expected,
        (select versions from {{ ref('int_staged_total') }} where dataset = '{{ dataset }}') as found
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    dataset,
    file_id,
    'rows of the file' as what,
    receipt.expected,
    held.found,
    receipt.lines_unexplained
from receipt
full join held using (dataset, file_id)
where coalesce(receipt.expected, 0) <> coalesce(held.found, 0)
    or coalesce(receipt.lines_unexplained, 0) <> 0

union all

select
    dataset,
    null as file_id,
    'current versions of the keys' as what,
    expected,
    found,
    0 as lines_unexplained
from version
where expected is distinct from found
