-- What the projection would have said at each past quarter's end, and what happened since.
with actual as (
    select
        date_day,
        hours,
        people_reached,
        face_value_used_eur
    from {{ ref('progress_daily') }}
)

select
    projection.indicator,
    projection.origin_on,
    projection.target_on,
    projection.low,
    projection.median,
    projection.high,
    cast(case projection.indicator
        when 'hours' then actual.hours
        when 'people_reached' then actual.people_reached
        when 'face_value_used_eur' then actual.face_value_used_eur
    end as double) as actual,
    case projection.indicator
        when 'hours' then actual.hours
        when 'people_reached' then actual.people_reached
        when 'face_value_used_eur' then actual.face_value_used_eur
    end between projection.low and projection.high as is_within_band
from {{ ref('int_projection') }} as projection
inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
inner join actual on projection.target_on = actual.date_day
where not origin.is_current
order by projection.indicator, projection.origin_on, projection.target_on
