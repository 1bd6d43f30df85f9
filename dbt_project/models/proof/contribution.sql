-- What each delivered line brings to each figure. Every additive figure is a sum over this table; the rule of an event
-- is in its own step (int_event_*), and nowhere else. A line may cause an event several times (an export of one row a
-- transaction uses several passes in a line): it stays one row here, and `events` says how many times.
with event as not materialized (
    select
        * replace (
            cast(passes as integer) as passes,
            cast(face_value_eur as decimal(18, 2)) as face_value_eur,
            cast(amount_eur as decimal(18, 2)) as amount_eur,
            cast(minutes as integer) as minutes
        )
    from (
        select * from {{ ref('int_event_carnet') }}
        union all by name
        select * from {{ ref('int_event_use') }}
        union all by name
        select * from {{ ref('int_event_person') }}
        union all by name
        select * from {{ ref('int_event_opening') }}
        union all by name
        select * from {{ ref('int_event_cash') }}
    ) as caused
),

{% set measures = measured_columns() | reject('equalto', 'events') | list + ['denominator'] %}
added_up as (
    {{ one_row_a_line('event', ['event', 'source_file_id', 'source_line'], counted_as='events', sums=measures) }}
)

select
    added_up.event,
    added_up.nature,
    added_up.event_on,
    added_up.territory_code,
    added_up.account_code,
    added_up.lieu_siret,
    added_up.reference,
    added_up.category,
    added_up.order_reference,
    added_up.lot_code,
    coalesce(added_up.ami, territory.ami) as ami,
    cast(added_up.events as integer) as events,
    cast(added_up.passes as integer) as passes,
    cast(added_up.face_value_eur as decimal(18, 2)) as face_value_eur,
    cast(added_up.amount_eur as decimal(18, 2)) as amount_eur,
    cast(added_up.minutes as integer) as minutes,
    cast(added_up.people as integer) as people,
    cast(added_up.territories as integer) as territories,
    cast(added_up.lieux as integer) as lieux,
    cast(added_up.passes_with_anomaly as integer) as passes_with_anomaly,
    cast(added_up.numerator as integer) as numerator,
    cast(added_up.denominator as integer) as denominator,
    added_up.source_file_id,
    added_up.source_line
from added_up
left join {{ ref('dim_territory') }} as territory using (territory_code)
