-- What a line of an export weighs on average: the estimate of lines that could not be read.
with used as (
    select
        avg(amount_eur) as amount_eur,
        count(*) as uses
    from {{ ref('fct_redemption') }}
    where is_counted
),

attended as (
    select sum(hours) as hours
    from {{ ref('fct_attendance') }}
),

carnet as (
    select
        avg(pass_count) as passes,
        avg(pass_count * face_value_eur) as amount_eur
    from {{ ref('dim_carnet') }}
)

select
    'utilisations' as dataset,
    cast(1 as double) as passes,
    cast(used.amount_eur as double) as amount_eur,
    cast(attended.hours / nullif(used.uses, 0) as double) as hours
from used
cross join attended
union all
select
    dataset.dataset,
    cast(carnet.passes as double) as passes,
    cast(carnet.amount_eur as double) as amount_eur,
    null as hours
from carnet
cross join (values ('emissions'), ('prescriptions')) as dataset (dataset)
order by dataset
