-- What a territory would have to use each week for none of its passes to lapse, and what it uses: on every day on which
-- a pass of the programme can be used for the last time. Paces of several territories on one day add up.
with day as (
    select last_usable_on
    from {{ ref('expiry_schedule') }}
    group by last_usable_on
),

stock as (
    select
        territory_code,
        last_usable_on,
        sum(passes) as passes,
        sum(face_value_eur) as face_value_eur
    from {{ ref('expiry_schedule') }}
    group by territory_code, last_usable_on
),

holder as (
    select territory_code
    from stock
    group by territory_code
),

-- As the account does: a use counts where its carnet is from.
recent as (
    select
        territory_code,
        count(*) as passes
    from {{ ref('fct_pass') }}
    where status = 'used' and left_on >= (select quiet_since from {{ ref('programme') }})
    group by territory_code
),

term as (
    select
        holder.territory_code,
        day.last_usable_on,
        coalesce(stock.passes, 0) as passes,
        coalesce(stock.face_value_eur, 0) as face_value_eur,
        sum(coalesce(stock.passes, 0)) over (
            partition by holder.territory_code order by day.last_usable_on
        ) as passes_by_then,
        -- The day of the data itself is the last that counts, even where it is this one.
        greatest((day.last_usable_on - {{ as_of() }}) / 7, 1 / 7) as weeks_left
    from holder
    cross join day
    left join stock
        on holder.territory_code = stock.territory_code and day.last_usable_on = stock.last_usable_on
)

select
    term.territory_code,
    term.last_usable_on,
    cast(term.passes as bigint) as passes,
    cast(term.face_value_eur as decimal(18, 2)) as face_value_eur,
    cast(term.passes_by_then as bigint) as passes_by_then,
    cast(term.weeks_left as double) as weeks_left,
    cast(term.passes_by_then / term.weeks_left as double) as passes_a_week_needed,
    cast(
        coalesce(recent.passes, 0) * 7 / ({{ as_of() }} - programme.quiet_since + 1) as double
    ) as passes_a_week_used
from term
cross join {{ ref('programme') }} as programme
left join recent on term.territory_code = recent.territory_code
order by term.territory_code, term.last_usable_on
