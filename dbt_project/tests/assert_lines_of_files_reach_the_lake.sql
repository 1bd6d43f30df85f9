-- Protects from a line lost between a receipt, the lake and the current versions:
-- lines read = accepted + rejected + duplicate; lines accepted = lines in the lake; every key keeps one current version.
{{ config(meta={
    'code': 'PN-304', 'owner': 'MGP',
    'sentence': "Toutes les lignes acceptées sont dans le lac, et chaque clé y a exactement une version courante.",
    'dagster': {'ref': {'name': 'delivered_file'}},
}) }}
{% set staged = {
    'emissions': ('stg_emissions', 'numero_carnet'), 'prescriptions': ('stg_prescriptions', 'id_prescription'),
    'utilisations': ('stg_utilisations', 'id_utilisation'), 'lieux': ('stg_lieux', 'id'),
    'services': ('stg_services', 'code_service'), 'budget': ('stg_budget', 'id_ecriture'),
} %}
with receipt as (
    select
        dataset,
        sum(lines_accepted) as lines_accepted,
        sum(lines_read - lines_accepted - lines_rejected - lines_duplicate) as lines_unexplained
    from {{ ref('delivered_file') }}
    where outcome = 'loaded'
    group by dataset
),

held as (
    {% for dataset, (model, key) in staged.items() %}
    select
        '{{ dataset }}' as dataset,
        (select count(*) from {{ source('lake', dataset) }}) as lines_in_lake,
        (select count(distinct {{ key }}) from {{ source('lake', dataset) }}) as keys_in_lake,
        (select count(*) from {{ ref(model) }}) as current_versions
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    held.dataset,
    receipt.lines_accepted,
    receipt.lines_unexplained,
    held.lines_in_lake,
    held.keys_in_lake,
    held.current_versions
from held
left join receipt using (dataset)
where coalesce(receipt.lines_accepted, 0) <> held.lines_in_lake
    or coalesce(receipt.lines_unexplained, 0) <> 0
    or held.keys_in_lake <> held.current_versions
