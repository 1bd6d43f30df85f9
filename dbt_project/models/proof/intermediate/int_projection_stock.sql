-- Grain: one row per origin × scenario × day of issue × last usable day. What can still be used after the origin, of what
-- was known then: issued, not left, not at the end of its tolerance; carnets: not started either. What the budget left
-- would issue is added in its scenario, week after week.
with pass_cohort as (
    select
        issued_on,
        left_on,
        tolerance_until,
        count(*) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('fct_pass') }}
    group by all
),

carnet_cohort as (
    select
        issued_on,
        cancelled_on,
        first_used_on,
        tolerance_until,
        count(*) as carnets
    from {{ ref('int_carnet_start') }}
    group by all
),

existing as (
    select
        origin.origin_on,
        cohort.tolerance_until as last_usable_on,
        cohort.passes,
        cohort.face_value_eur,
        0 as carnets
    from {{ ref('int_projection_origin') }} as origin
    inner join pass_cohort as cohort
        on cohort.issued_on <= origin.origin_on
        and cohort.tolerance_until > origin.origin_on
        and (cohort.left_on is null or cohort.left_on > origin.origin_on)
    union all
    select
        origin.origin_on,
        cohort.tolerance_until as last_usable_on,
        0 as passes,
        0 as face_value_eur,
        cohort.carnets
    from {{ ref('int_projection_origin') }} as origin
    inner join carnet_cohort as cohort
        on cohort.issued_on <= origin.origin_on
        and cohort.tolerance_until > origin.origin_on
        and (cohort.cancelled_on is null or cohort.cancelled_on > origin.origin_on)
        and (cohort.first_used_on is null or cohort.first_used_on > origin.origin_on)
),

batch as (
    select
        existing.origin_on,
        scenario.scenario,
        existing.origin_on as available_on,
        existing.last_usable_on,
        existing.passes,
        existing.face_value_eur,
        existing.carnets
    from existing
    cross join {{ projection_scenarios() }}
    union all by name
    select
        *,
        'budget_restant' as scenario
    from {{ ref('int_projection_reissue') }}
)

select
    origin_on,
    scenario,
    available_on,
    last_usable_on,
    cast(sum(passes) as double) as passes,
    cast(sum(face_value_eur) as double) as face_value_eur,
    cast(sum(carnets) as double) as carnets
from batch
group by all
order by all
