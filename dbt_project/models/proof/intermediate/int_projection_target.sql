-- Grain: one row per origin × target date. From as-of: every month's end up to the mandate's end; from a past quarter's
-- end: the quarters' ends of the year that followed.
with programme as (
    select * from {{ source('inputs', 'programme') }}
),

origin as (
    select * from {{ ref('int_projection_origin') }}
)

select
    origin.origin_on,
    cast(unnest(list_distinct(
        list_transform(
            generate_series(
                date_trunc('month', origin.origin_on) + interval 1 month,
                date_trunc('month', programme.mandate_ends_on) - interval 1 month,
                interval 1 month
            ),
            lambda month_start: cast(month_start + interval 1 month - interval 1 day as date)
        ) || [programme.mandate_ends_on]
    )) as date) as target_on
from origin
cross join programme
where origin.is_current and programme.mandate_ends_on >= origin.origin_on
union all
select
    origin.origin_on,
    later.origin_on as target_on
from origin
inner join origin as later
    on later.origin_on > origin.origin_on
    and later.origin_on <= origin.origin_on + 366
where not origin.is_current and not later.is_current
order by origin_on, target_on
