-- Protects from a line whose lieu cannot be answered: every line read of a loaded file is in exactly one of proof.line,
-- quality.rejected_line and quality.absorbed_line; one without reason contributes to a figure, and whatever contributes
-- is a line that was accepted (figures §5).
{{ config(meta={
    'code': 'PN-326', 'owner': 'MGP',
    'sentence': "Chaque ligne livrée a une réponse et une seule : ce qu'elle apporte, ou pourquoi elle n'apporte rien.",
    'dagster': {'ref': {'name': 'line'}},
}) }}
-- What is told of each line by both tables, met once: two searches of one in the other take more memory than a large
-- build has, and groups of lines spill. An accepted line may have several reasons (several records): it is one line.
with told as (
    select
        source_file_id,
        source_line,
        true as is_accepted,
        reason is null as is_counted,
        false as contributes
    from {{ ref('line') }}
    union all
    select
        source_file_id,
        source_line,
        false as is_accepted,
        false as is_counted,
        true as contributes
    from {{ ref('contribution') }}
),

told_of_line as (
    select
        source_file_id,
        source_line,
        bool_or(is_accepted) as is_accepted,
        bool_or(is_counted) as is_counted,
        bool_or(contributes) as contributes
    from told
    group by source_file_id, source_line
),

accepted as materialized (
    select
        source_file_id as file_id,
        count(*) filter (where is_accepted) as lines,
        count(*) filter (where is_counted and not contributes) as lines_without_contribution,
        count(*) filter (where contributes and not is_accepted) as contributions_without_line
    from told_of_line
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
    'counted lines that contribute nothing' as what,
    file_id,
    0 as expected,
    lines_without_contribution as found
from accepted
where lines_without_contribution > 0

union all

select
    'contributions of no accepted line' as what,
    file_id,
    0 as expected,
    contributions_without_line as found
from accepted
where contributions_without_line > 0
