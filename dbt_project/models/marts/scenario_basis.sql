-- What a scenario starts from: what is counted, the pace of the last weeks and the errors the projection made in the past.
select
    counted.indicator,
    pace.origin_on as as_of,
    counted.counted,
    pace.use_rate,
    pace.start_rate,
    pace.minutes_per_use,
    pace.people_per_start,
    max(error.sigma) filter (where error.scenario = 'sans_reemission') as sigma,
    max(error.sigma) filter (where error.scenario = 'budget_restant') as sigma_reissued
from ({{ counted_at_origin() }}) as counted
inner join {{ ref('int_projection_origin') }} as origin using (origin_on)
inner join {{ ref('int_projection_pace') }} as pace using (origin_on)
inner join {{ ref('int_projection_error') }} as error
    on counted.origin_on = error.origin_on and counted.indicator = error.indicator
where origin.is_current
group by all
order by counted.indicator
