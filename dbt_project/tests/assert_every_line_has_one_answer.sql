-- Protects from a line whose lieu cannot be answered: every line read of a loaded file is in exactly one of proof.line,
-- quality.rejected_line and quality.absorbed_line; one without reason contributes to a figure, and whatever contributes
-- is a line that was accepted (figures §5).
{{ config(meta={
    'code': 'PN-326', 'owner': 'MGP',
    'sentence': "Chaque ligne livrée a une réponse et une seule : ce qu'elle apporte, ou pourquoi elle n'apporte rien.",
    'dagster': {'ref': {'name': 'line'}},
}) }}
-- An accepted line may have several reasons (several records): it is one line.
with accepted as (
    select source_file_id as file_id, count(distinct source_line) as lines
    from {{ ref('line') }}
    group by source_file_id
),

-- Few lines are not accepted: they alone are looked for among the others.
unaccepted as (
    select file_id, line_number, 'rejected' as answer from {{ ref('rejected_line') }}
    union all
    select file_id, line_number, reason from {{ ref('absorbed_line') }}
),

answered as (
    select
        file_id,
        count(*) as lines,
        count(distinct line_number) as distinct_lines,
        count(*) filter (where answer = 'part') as parts,
        count(*) filter (where answer = 'copy') as copies
    from unaccepted
    group by file_id
),

answered_twice as (
    select
        unaccepted.file_id,
        count(*) as lines
    from unaccepted
    semi join {{ ref('line') }} as line
        on unaccepted.file_id = line.source_file_id and unaccepted.line_number = line.source_line
    group by unaccepted.file_id
),

-- A lake written before absorbed lines were told does not say which lines are copies.
receipt as (
    select * from {{ source('lake', 'delivered_file') }} where outcome = 'loaded' and lines_absorbed is not null
)

select
    'lines of a file' as what,
    receipt.file_id,
    receipt.lines_read as expected,
    coalesce(accepted.lines, 0) + coalesce(answered.lines, 0) as found
from receipt
left join accepted using (file_id)
left join answered using (file_id)
left join answered_twice using (file_id)
where coalesce(accepted.lines, 0) + coalesce(answered.lines, 0) <> receipt.lines_read
    or coalesce(answered.distinct_lines, 0) <> coalesce(answered.lines, 0)
    or answered_twice.lines > 0
    or coalesce(accepted.lines, 0) + coalesce(answered.parts, 0) <> receipt.lines_accepted
    or coalesce(answered.copies, 0) <> receipt.lines_duplicate

union all

select
    'counted line that contributes nothing' as what,
    line.source_file_id,
    line.source_line,
    0
from {{ ref('line') }} as line
anti join {{ ref('contribution') }} as contribution using (source_file_id, source_line)
where line.reason is null

union all

select
    'contribution of no accepted line' as what,
    contribution.source_file_id,
    contribution.source_line,
    0
from {{ ref('contribution') }} as contribution
anti join {{ ref('line') }} as line using (source_file_id, source_line)
