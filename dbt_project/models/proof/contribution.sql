-- What each delivered line brings to each figure. Every additive figure is a sum over this table; the rule of an event
-- is in its own step (int_event_*), and nowhere else. A line may cause an event several times (an export of one row a
-- transaction uses several passes in a line): it stays one row here, and `events` says how many times.
with event as (
    select * from {{ ref('int_event_carnet') }}
    union all by name
    select * from {{ ref('int_event_use') }}
    union all by name
    select * from {{ ref('int_event_person') }}
    union all by name
    select * from {{ ref('int_event_opening') }}
    union all by name
    select * from {{ ref('int_event_cash') }}
)

select
    event.event,
    event.nature,
    event.event_on,
    event.territory_code,
    event.account_code,
    event.lieu_siret,
    coalesce(event.ami, territory.ami) as ami,
    cast(count(*) as integer) as events,
    cast(sum(event.passes) as integer) as passes,
    cast(sum(event.face_value_eur) as decimal(18, 2)) as face_value_eur,
    cast(sum(event.amount_eur) as decimal(18, 2)) as amount_eur,
    cast(sum(event.minutes) as integer) as minutes,
    cast(sum(event.people) as integer) as people,
    cast(sum(event.territories) as integer) as territories,
    cast(sum(event.lieux) as integer) as lieux,
    cast(sum(event.passes_with_anomaly) as integer) as passes_with_anomaly,
    cast(sum(event.numerator) as integer) as numerator,
    cast(sum(event.denominator) as integer) as denominator,
    event.source_file_id,
    event.source_line
from event
left join {{ ref('dim_territory') }} as territory using (territory_code)
group by all
