-- Protects from a reject without its reason: as many rows in rejected_line as lines_rejected, file by file (exports §3).
{{ config(meta={
    'code': 'PN-309', 'owner': 'MGP',
    'sentence': "Chaque ligne rejetée est expliquée une fois et une seule.",
    'dagster': {'ref': {'name': 'rejected_line'}},
}) }}
with explained as (
    select
        file_id,
        count(*) as lines
    from {{ ref('rejected_line') }}
    group by file_id
)

select
    file.file_id,
    file.lines_rejected,
    explained.lines
from {{ ref('delivered_file') }} as file
left join explained using (file_id)
where file.outcome = 'loaded' and file.lines_rejected <> coalesce(explained.lines, 0)
