-- Grain: one row per origin × week of issue. What the budget left would issue (scenario budget_restant): budget −
-- committed, at the share that face value had in the commitments so far, evenly until the agreement's end; nothing once
-- it has ended. As usual so far: the face value of a pass, the passes of a carnet, the days from issue to last usable day.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

committed as (
    select
        origin.origin_on,
        {{ euros_of('budget_committed_eur') }} as committed_eur,
        {{ euros_of('face_value_committed_eur') }} as face_value_eur
    from {{ ref('int_projection_origin') }} as origin
    inner join {{ ref('int_daily_measure') }} as daily on daily.date_day <= origin.origin_on
    where daily.indicator in ('budget_committed_eur', 'face_value_committed_eur')
    group by origin.origin_on
),

issue_cohort as (
    select
        issued_on,
        tolerance_until,
        count(*) as passes,
        count(distinct carnet_number) as carnets,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    group by all
),

usual as (
    select
        origin.origin_on,
        sum(cohort.face_value_eur) / sum(cohort.passes) as face_value_per_pass,
        sum(cohort.passes) / sum(cohort.carnets) as passes_per_carnet,
        cast(round(
            sum(cohort.passes * (cohort.tolerance_until - cohort.issued_on)) / sum(cohort.passes)
        ) as integer) as validity_days
    from {{ ref('int_projection_origin') }} as origin
    inner join issue_cohort as cohort on cohort.issued_on <= origin.origin_on
    group by origin.origin_on
),

plan as (
    select
        usual.*,
        programme.agreement_ends_on,
        cast(greatest(0, programme.agreement_ends_on - usual.origin_on + 6) // 7 as integer) as weeks,
        cast(greatest(programme.budget_eur - committed.committed_eur, 0) as double)
        * committed.face_value_eur / committed.committed_eur as to_issue_eur
    from usual
    inner join committed using (origin_on)
    cross join programme
    where committed.committed_eur > 0
),

week as (
    select
        plan.*,
        least(cast(plan.origin_on + cast(7 * number.week as integer) as date), plan.agreement_ends_on) as available_on
    from plan
    cross join lateral (select unnest(range(1, plan.weeks + 1)) as week) as number  -- none once it has ended
)

select
    origin_on,
    available_on,
    cast(available_on + validity_days as date) as last_usable_on,
    cast(to_issue_eur / weeks / face_value_per_pass as double) as passes,
    cast(to_issue_eur / weeks as double) as face_value_eur,
    cast(to_issue_eur / weeks / face_value_per_pass / passes_per_carnet as double) as carnets
from week
where to_issue_eur > 0
order by origin_on, available_on
