-- The decisions noted, and what came of them: the total when each was taken, the total since (at its term once past), and
-- the weekly pace of the thirteen weeks before beside the pace since.
{% set weeks_before = 13 %}
with measure as (
    unpivot {{ ref('progress_daily') }} on
        hours, people_reached, people_equipped, passes_used, face_value_used_eur, budget_committed_eur, budget_paid_eur
    into name indicator value value
),

decision as (
    select
        row_number() over (order by prise_le) as decision_number,
        prise_le as decided_on,
        decision,
        porteur as owner,
        montant_eur as amount_eur,
        indicateur as indicator,
        cast(attendu as double) as expected,
        echeance as due_on,
        scenario as scenario_choices,
        least(coalesce(echeance, {{ as_of() }}), {{ as_of() }}) as counted_on
    from {{ source('inputs', 'decision') }}
),

told as (
    select
        decision.*,
        coalesce(sum(measure.value) filter (where measure.date_day = decision.decided_on), 0) as value_when_decided,
        coalesce(sum(measure.value) filter (where measure.date_day = decision.counted_on), 0) as value,
        coalesce(
            sum(measure.value) filter (where measure.date_day = decision.decided_on - {{ 7 * weeks_before }}), 0
        ) as value_before
    from decision
    left join measure using (indicator)
    group by all
)

select
    decision_number,
    decided_on,
    decision,
    owner,
    amount_eur,
    indicator,
    expected,
    due_on,
    scenario_choices,
    case when indicator is not null and decided_on <= {{ as_of() }} then value_when_decided end as value_when_decided,
    case when indicator is not null and decided_on <= {{ as_of() }} then value end as value,
    case
        when indicator is not null and decided_on <= {{ as_of() }}
            then (value_when_decided - value_before) / {{ weeks_before }}
    end as weekly_before,
    case
        when indicator is not null and counted_on > decided_on
            then (value - value_when_decided) / ((counted_on - decided_on) / 7.0)
    end as weekly_since,
    case
        when decided_on > {{ as_of() }} then 'to_come'
        when indicator is null then 'noted'
        when value >= expected then 'met'
        when due_on <= {{ as_of() }} then 'missed'
        else 'pending'
    end as outcome
from told
order by decision_number
