-- Grain: one row per origin × scenario × indicator × day: the targets, and the last usable days before the last target.
-- Growth since the origin at the pace of its last weeks: of what is usable, the share (1 − rate) a week is left, until
-- its last usable day. `reachable`: growth if all that is usable by that day served; `lapsed`: the part of it gone by then.
with stock as (
    select * from {{ ref('int_projection_stock') }}
),

pace as (
    select * from {{ ref('int_projection_pace') }}
),

target as (
    select
        target.origin_on,
        scenario.scenario,
        target.target_on
    from {{ ref('int_projection_target') }} as target
    inner join pace using (origin_on)
    cross join {{ projection_scenarios() }}
),

{{ projected_growth() }}

select * from growth
order by all
