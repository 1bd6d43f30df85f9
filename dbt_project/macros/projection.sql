{# What the steps of the projection share. Anything used by one of them only stays in its model. #}

{# The scenarios, one row each: the passes that exist and nothing more; the budget left issued too. figures §2 #}
{% macro projection_scenarios() -%}
    (values ('sans_reemission'), ('budget_restant')) as scenario (scenario)
{%- endmacro %}

{# One row per origin × indicator projected: what was counted by the origin. #}
{% macro counted_at_origin() -%}
    select
        origin_on,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([hours, people_reached, face_value_used_eur]) as counted
    from {{ ref('int_projection_origin') }}
{%- endmacro %}

{# Growth since the origin, as the steps that follow `stock` (origin_on, scenario, available_on, last_usable_on, passes,
   face_value_eur, carnets), `pace` (one row an origin) and `target` (origin_on, scenario, target_on); the last is `growth`.
   Of what is usable, the share (1 − rate) a week is left, until its last usable day. `use_rate`, `start_rate`: what a week
   takes of passes, and of carnets not started. figures §2 #}
{% macro projected_growth(use_rate='pace.use_rate', start_rate='coalesce(pace.start_rate, 0)') -%}
point as (
    select
        origin_on,
        scenario,
        target_on as day_on
    from target
    union
    select
        stock.origin_on,
        stock.scenario,
        stock.last_usable_on as day_on
    from stock
    inner join (
        select
            origin_on,
            max(target_on) as last_target_on
        from target
        group by origin_on
    ) as horizon using (origin_on)
    where stock.last_usable_on < horizon.last_target_on
),

served as (
    select
        point.origin_on,
        point.scenario,
        point.day_on,
        stock.passes,
        stock.face_value_eur,
        stock.carnets,
        stock.last_usable_on <= point.day_on as has_lapsed,
        pace.minutes_per_use,
        pace.people_per_start,
        (least(point.day_on, stock.last_usable_on) - stock.available_on) / 7.0 as weeks,
        1 - power(1 - {{ use_rate }}, weeks) as used_share,
        1 - power(1 - {{ start_rate }}, weeks) as started_share
    from point
    inner join pace on point.origin_on = pace.origin_on
    left join stock
        on point.origin_on = stock.origin_on
        and point.scenario = stock.scenario
        and stock.available_on <= point.day_on
),

amount as (
    select
        origin_on,
        scenario,
        day_on,
        has_lapsed,
        unnest(['hours', 'people_reached', 'face_value_used_eur']) as indicator,
        unnest([
            passes * used_share * minutes_per_use / 60,
            carnets * started_share * coalesce(people_per_start, 0),
            face_value_eur * used_share
        ]) as growth,
        unnest([passes * minutes_per_use / 60, carnets, face_value_eur]) as reachable
    from served
),

growth as (
    select
        origin_on,
        scenario,
        indicator,
        day_on,
        (day_on - origin_on) / 7.0 as weeks,
        cast(coalesce(sum(growth), 0) as double) as growth,
        cast(coalesce(sum(reachable), 0) as double) as reachable,
        cast(coalesce(sum(reachable) filter (where has_lapsed), 0) as double) as lapsed
    from amount
    group by all
)
{%- endmacro %}

{# The 10–90 % band around `growth`, and last and always what is possible, as the steps that follow `growth`, `error`
   (origin_on, scenario, indicator, sigma) and `origin` (origin_on, indicator, counted); the last is `projected`. After a last usable day, no more growth than what survives it; in all, no more than what can be used. figures §2 #}
{% macro projected_band() -%}
{%- set so_far -%}
        partition by origin_on, scenario, indicator, edge order by day_on
        rows between unbounded preceding and current row
{%- endset -%}
band as (
    select
        growth.*,
        1.2816 * error.sigma * power(growth.weeks / 13, 0.25) as spread
    from growth
    inner join error using (origin_on, scenario, indicator)
),

raw as (
    select
        *,
        unnest(['low', 'median', 'high']) as edge,
        unnest([growth * exp(-spread), growth, growth * exp(spread)]) as edge_growth
    from band
),

-- A band that narrows by its opening does not take back what it said: each edge is its largest so far.
cumulative as (
    select
        origin_on,
        scenario,
        indicator,
        day_on,
        edge,
        reachable,
        lapsed,
        max(edge_growth) over so_far as edge_growth
    from raw
    window so_far as ({{ so_far }})
),

-- Whatever day d is taken before: growth(d) + what can be used by the target and had not lapsed by d.
possible as (
    select
        origin_on,
        scenario,
        indicator,
        day_on,
        edge,
        reachable,
        least(edge_growth, reachable + least(0, min(edge_growth - lapsed) over so_far)) as growth
    from cumulative
    window so_far as ({{ so_far }})
),

-- What is counted is certain: the band is on the growth alone, and a cumulative value never falls.
projected as (
    select
        possible.origin_on,
        possible.scenario,
        possible.indicator,
        possible.day_on as target_on,
        any_value(origin.counted) as counted,
        {%- for edge in ['low', 'median', 'high'] %}
        max(greatest(origin.counted, round(origin.counted + possible.growth, 4)))
            filter (where edge = '{{ edge }}') as {{ edge }},
        {%- endfor %}
        any_value(greatest(origin.counted, round(origin.counted + possible.reachable, 4))) as ceiling
    from possible
    inner join origin using (origin_on, indicator)
    semi join target
        on possible.origin_on = target.origin_on and possible.day_on = target.target_on
    group by possible.origin_on, possible.scenario, possible.indicator, possible.day_on
)
{%- endmacro %}

{# The weeks a pace is taken from, in days: 26. figures §2 #}
{% macro pace_window_days() -%}
{{ 26 * 7 }}
{%- endmacro %}
