-- Two carnets that claim one pass number: the first issued keeps it; the #APTIC file must be mended.
{{ config(severity='warn', meta={
    'code': 'PN-310', 'owner': '#APTIC',
    'sentence': "Aucun numéro de pass n'est annoncé par deux carnets (le carnet émis le premier garde le pass).",
    'dagster': {'ref': {'name': 'dim_carnet'}},
}) }}
select
    carnet.carnet_number,
    carnet.pass_count as passes_announced,
    coalesce(kept.passes, 0) as passes_kept,
    carnet.source_file_id,
    carnet.source_line
from {{ ref('dim_carnet') }} as carnet
left join {{ ref('int_carnet_pass') }} as kept using (carnet_number)
where carnet.pass_count <> coalesce(kept.passes, 0)
