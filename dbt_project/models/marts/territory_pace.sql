-- How fast a territory uses what it holds, beside the programme: uses over the uses that the programme's pace would have
-- made of the same usable pass-weeks, and first uses over those of the same carnet-weeks. A territory with little history
-- leans towards the programme's pace (1): fifty uses at that pace are added to both sides.
{% set leaning = 50 %}
with pace as (
    select
        basis.as_of,
        basis.use_rate,
        basis.start_rate,
        origin.since
    from (select as_of, use_rate, start_rate from {{ ref('scenario_basis') }} group by all) as basis
    inner join (
        select
            origin_on,
            greatest(origin_on - {{ pace_window_days() }}, cast(first_use_on - 1 as date)) as since
        from {{ ref('int_projection_origin') }}
    ) as origin on basis.as_of = origin.origin_on
),

passes as (
    select
        pass.territory_code,
        count(*) filter (where pass.status = 'used' and pass.left_on > pace.since) as used,
        sum(greatest(0,
            least(pass.left_on, pass.tolerance_until, pace.as_of) - greatest(pass.issued_on, pace.since)
        )) / 7.0 * any_value(pace.use_rate) as expected
    from {{ ref('fct_pass') }} as pass
    cross join pace
    where least(pass.left_on, pass.tolerance_until, pace.as_of) > pace.since
    group by pass.territory_code
),

carnets as (
    select
        holder.territory_code,
        count(*) filter (where carnet.first_used_on > pace.since) as started,
        sum(greatest(0,
            least(carnet.first_used_on, carnet.cancelled_on, carnet.tolerance_until, pace.as_of)
            - greatest(carnet.issued_on, pace.since)
        )) / 7.0 * any_value(pace.start_rate) as expected
    from {{ ref('int_carnet_start') }} as carnet
    inner join {{ ref('dim_carnet') }} as holder using (carnet_number)
    cross join pace
    where least(carnet.first_used_on, carnet.cancelled_on, carnet.tolerance_until, pace.as_of) > pace.since
    group by holder.territory_code
)

select
    territory.territory_code,
    cast(
        (coalesce(passes.used, 0) + {{ leaning }}) / (coalesce(passes.expected, 0) + {{ leaning }}) as double
    ) as use_tempo,
    cast(
        (coalesce(carnets.started, 0) + {{ leaning }}) / (coalesce(carnets.expected, 0) + {{ leaning }}) as double
    ) as start_tempo
from {{ ref('dim_territory') }} as territory
cross join pace
left join passes using (territory_code)
left join carnets using (territory_code)
where territory.is_participating
order by territory.territory_code
