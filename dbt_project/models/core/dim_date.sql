-- From the year the agreement was signed to the year the mandate ends (or of as-of, if later).
with bounds as (
    select
        date_trunc('year', agreement_signed_on) as first_day,
        date_trunc('year', greatest(mandate_ends_on, as_of)) + interval 1 year - interval 1 day as last_day
    from {{ source('inputs', 'programme') }}
),

calendar as (
    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as date_day
    from bounds
)

select
    calendar.date_day,
    cast(year(calendar.date_day) as integer) as year,
    cast(quarter(calendar.date_day) as integer) as quarter,
    cast(month(calendar.date_day) as integer) as month_number,
    {{ month_of('calendar.date_day') }} as month,
    cast(date_trunc('week', calendar.date_day) as date) as week_start,
    cast(isodow(calendar.date_day) as integer) as day_of_week,
    isodow(calendar.date_day) >= 6 as is_weekend,
    holiday.holiday_on is not null as is_holiday,
    holiday.name as holiday_name
from calendar
left join {{ source('inputs', 'holiday') }} as holiday on calendar.date_day = holiday.holiday_on
order by calendar.date_day
