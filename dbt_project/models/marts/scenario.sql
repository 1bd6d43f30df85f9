{{ config(
    materialized='table_macro',
    schema='main',
    parameters='reissued := 0, faster := 0, giving := \'\', receiving := \'\', moved := 0',
    contract={'enforced': false},
    persist_docs={'relation': true, 'columns': false}
) }}
-- For analysts and the page of scenarios: `from scenario(reissued := 0.5, faster := 0.1)`. The projection's own steps, on
-- another stock and another pace; with nothing changed it is marts.projection.
with basis as (
    select * from {{ ref('scenario_basis') }}
),

pace as (
    select
        as_of as origin_on,
        least(use_rate * (1 + faster), 1) as use_rate,
        least(start_rate * (1 + faster), 1) as start_rate,
        minutes_per_use,
        people_per_start
    from basis
    group by all
),

origin as (
    select
        as_of as origin_on,
        indicator,
        counted
    from basis
),

error as (
    select
        as_of as origin_on,
        'asked' as scenario,
        indicator,
        case when reissued > 0 then sigma_reissued else sigma end as sigma
    from basis
),

-- The carnets that would lapse first go first.
undistributed as (
    select
        stock.*,
        greatest(
            0, least(stock.carnets_to_start, moved - coalesce(sum(stock.carnets_to_start) over before, 0))
        ) / stock.carnets_to_start as share
    from {{ ref('scenario_stock') }} as stock
    where stock.batch = 'undistributed' and stock.territory_code = giving and receiving != giving
    window before as (order by stock.last_usable_on rows between unbounded preceding and 1 preceding)
),

leaving as (
    select
        undistributed.*,
        tempo.use_tempo,
        tempo.start_tempo,
        case when tempo.territory_code = giving then -share else share end as times
    from undistributed
    cross join {{ ref('territory_pace') }} as tempo
    where
        tempo.territory_code in (giving, receiving)
        and receiving in (select territory_code from {{ ref('territory_pace') }})
        and giving in (select territory_code from {{ ref('territory_pace') }})
),

stock as (
    select
        pace.origin_on,
        'asked' as scenario,
        stock.available_on,
        stock.last_usable_on,
        stock.passes_to_use * stock.times as passes,
        stock.face_value_eur * stock.times as face_value_eur,
        stock.carnets_to_start * stock.times as carnets,
        stock.use_tempo,
        stock.start_tempo
    from (
        select
            *,
            1 as use_tempo,
            1 as start_tempo,
            case when batch = 'existing' then 1 else reissued end as times
        from {{ ref('scenario_stock') }}
        where batch = 'existing' or batch = 'reissued' and reissued > 0
        union all by name
        select * exclude (share)
        from leaving
        where times != 0
    ) as stock
    cross join pace
),

target as (
    select
        pace.origin_on,
        'asked' as scenario,
        projection.target_on
    from {{ ref('projection') }} as projection
    inner join pace on projection.as_of = pace.origin_on
    group by all
),

{{ projected_growth(
    use_rate='least(pace.use_rate * stock.use_tempo, 1)',
    start_rate='least(coalesce(pace.start_rate, 0) * stock.start_tempo, 1)'
) }},

{{ projected_band() }}

select
    projected.indicator,
    projected.target_on,
    projected.target_on = programme.mandate_ends_on as is_mandate_end,
    projected.counted,
    projected.low,
    projected.median,
    projected.high,
    projected.ceiling,
    indicator.target,
    unchanged.median as median_unchanged,
    projected.median - unchanged.median as gained
from projected
inner join {{ ref('projection') }} as unchanged
    on projected.indicator = unchanged.indicator
    and projected.target_on = unchanged.target_on
    and unchanged.scenario = 'sans_reemission'
inner join {{ ref('indicator') }} as indicator on projected.indicator = indicator.code
cross join {{ ref('programme') }} as programme
order by indicator.rank, projected.target_on
