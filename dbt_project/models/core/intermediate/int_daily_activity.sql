-- Grain: one row per day × territory with activity. What happened that day, additive over days and territories.
with issued as (
    select
        issued_on as date_day,
        territory_code,
        count(*) as passes_issued,
        sum(face_value_eur) as face_value_issued_eur
    from {{ ref('fct_pass') }}
    group by all
),

prescribed as (
    select
        prescribed_on as date_day,
        use_territory_code as territory_code,
        count(*) as passes_prescribed
    from {{ ref('fct_pass') }}
    where is_prescribed
    group by all
),

used as (
    select
        used_on as date_day,
        use_territory_code as territory_code,
        count(*) as passes_used,
        sum(face_value_eur) as face_value_used_eur
    from {{ ref('fct_pass') }}
    where status = 'used'
    group by all
),

expired as (
    select
        left_on as date_day,
        territory_code,
        count(*) as passes_expired
    from {{ ref('fct_pass') }}
    where status = 'expired'
    group by all
),

trained as (
    select
        attended_on as date_day,
        territory_code,
        sum(minutes) as minutes,
        sum(minutes) filter (where hours_source = 'nominal') as nominal_minutes,
        count(*) as attendances
    from {{ ref('fct_attendance') }}
    group by all
),

equipped as (
    select
        equipped_on as date_day,
        territory_code,
        count(*) as people_equipped
    from {{ ref('dim_person') }}
    where is_identified
    group by all
),

reached as (
    select
        reached_on as date_day,
        territory_code,
        count(*) filter (where is_identified) as people_reached_identified,
        count(*) filter (where not is_identified) as people_reached_anonymous
    from {{ ref('dim_person') }}
    where reached_on is not null
    group by all
),

activity as (
    select * from issued
    union all by name
    select * from prescribed
    union all by name
    select * from used
    union all by name
    select * from expired
    union all by name
    select * from trained
    union all by name
    select * from equipped
    union all by name
    select * from reached
)

select
    date_day,
    territory_code,
    cast(coalesce(sum(passes_issued), 0) as bigint) as passes_issued,
    cast(coalesce(sum(face_value_issued_eur), 0) as decimal(18, 2)) as face_value_issued_eur,
    cast(coalesce(sum(passes_prescribed), 0) as bigint) as passes_prescribed,
    cast(coalesce(sum(passes_used), 0) as bigint) as passes_used,
    cast(coalesce(sum(face_value_used_eur), 0) as decimal(18, 2)) as face_value_used_eur,
    cast(coalesce(sum(passes_expired), 0) as bigint) as passes_expired,
    cast(coalesce(sum(minutes), 0) as bigint) as minutes,
    cast(coalesce(sum(nominal_minutes), 0) as bigint) as nominal_minutes,
    cast(coalesce(sum(attendances), 0) as bigint) as attendances,
    cast(coalesce(sum(people_equipped), 0) as bigint) as people_equipped,
    cast(coalesce(sum(people_reached_identified), 0) as bigint) as people_reached_identified,
    cast(coalesce(sum(people_reached_anonymous), 0) as bigint) as people_reached_anonymous
from activity
group by date_day, territory_code
order by date_day, territory_code
