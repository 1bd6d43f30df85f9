-- What each delivered line brings to each figure. Every additive figure is a sum over this table; the rule of an event
-- is in its own step (int_event_*), and nowhere else.
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
    cast(event.passes as integer) as passes,
    cast(event.face_value_eur as decimal(18, 2)) as face_value_eur,
    cast(event.amount_eur as decimal(18, 2)) as amount_eur,
    cast(event.minutes as integer) as minutes,
    cast(event.people as integer) as people,
    cast(event.territories as integer) as territories,
    cast(event.lieux as integer) as lieux,
    cast(event.passes_with_anomaly as integer) as passes_with_anomaly,
    cast(event.numerator as integer) as numerator,
    cast(event.denominator as integer) as denominator,
    event.source_file_id,
    event.source_line
from event
left join {{ ref('dim_territory') }} as territory using (territory_code)
