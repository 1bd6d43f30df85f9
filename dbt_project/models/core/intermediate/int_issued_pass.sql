-- Two carnets that claim the same number are a fault of the delivery (check PN-310 names them): the carnet
-- issued first keeps the pass, so that a pass stays one pass. Only overlapping ranges pay for the sort.
with carnet as (
    select
        carnet_number,
        issued_on,
        cast(length(first_pass) as integer) as digits,
        cast(first_pass as bigint) as first_number,
        cast(last_pass as bigint) as last_number
    from {{ ref('int_carnet') }}
),

neighbour as (
    select
        *,
        max(last_number) over (
            partition by digits order by first_number, carnet_number
            rows between unbounded preceding and 1 preceding
        ) as last_number_before,
        min(first_number) over (
            partition by digits order by first_number, carnet_number
            rows between 1 following and unbounded following
        ) as first_number_after
    from carnet
),

claim as (
    select
        carnet_number,
        issued_on,
        digits,
        coalesce(last_number_before >= first_number, false)
        or coalesce(first_number_after <= last_number, false) as is_shared,
        unnest(range(first_number, last_number + 1)) as pass_value
    from neighbour
),

settled as (
    select distinct on (digits, pass_value)
        digits,
        pass_value,
        carnet_number
    from claim
    where is_shared
    order by digits, pass_value, issued_on, carnet_number
)

select
    lpad(cast(pass_value as varchar), digits, '0') as pass_number,
    carnet_number
from claim
where not is_shared
union all
select
    lpad(cast(pass_value as varchar), digits, '0') as pass_number,
    carnet_number
from settled
