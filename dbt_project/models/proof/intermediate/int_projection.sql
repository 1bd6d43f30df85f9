-- Grain: one row per origin × scenario × indicator × target date. The 10–90 % band around the growth projected, and last
-- and always what is possible: after a last usable day, no more growth than what survives it; in all, no more than what
-- can be used. What is counted is certain: the band is on the growth alone, and a cumulative value never falls.
with origin as (
    {{ counted_at_origin() }}
),

growth as (
    select * from {{ ref('int_projection_growth') }}
),

error as (
    select * from {{ ref('int_projection_error') }}
),

target as (
    select * from {{ ref('int_projection_target') }}
),

{{ projected_band() }}

select
    origin_on,
    scenario,
    indicator,
    target_on,
    counted,
    low,
    median,
    high,
    ceiling
from projected
order by all
