{{ config(materialized='view_unless_large') }}
-- Grain: one row per person and kind of event: equipped, reached, pic_answer, qpv_answer. A person is in the territory
-- of their earliest live prescription, on the line that made them so. The earliest line of each is found by a window,
-- which spills: what `distinct on` holds of millions of people does not.
with person as (
    select * from {{ ref('dim_person') }}
),

first_holding as (
    select
        beneficiary_key,
        source_file_id,
        source_line
    from {{ ref('fct_prescription') }}
    where is_holding and beneficiary_key is not null
    qualify row_number() over (partition by beneficiary_key order by prescribed_on, prescription_id) = 1
),

-- Answers are those of the earliest live prescription, of people equipped.
first_live as (
    select
        beneficiary_key,
        source_file_id,
        source_line
    from {{ ref('fct_prescription') }}
    where is_live and beneficiary_key is not null
    qualify row_number() over (partition by beneficiary_key order by prescribed_on, prescription_id) = 1
),

answer as (
    select
        person.equipped_on,
        person.territory_code,
        person.pic_answer,
        person.qpv_answer,
        first_live.source_file_id,
        first_live.source_line
    from person
    inner join first_live on person.person_key = first_live.beneficiary_key
    where person.is_identified
),

first_use as (
    select
        carnet.person_key,
        use.lieu_siret,
        use.source_file_id,
        use.source_line
    from {{ ref('int_first_use') }} as use
    inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
    qualify row_number() over (partition by carnet.person_key order by use.redeemed_at, use.redemption_id) = 1
),

equipped as (
    select
        'equipped' as event,
        person.equipped_on as event_on,
        person.territory_code,
        1 as people,
        first_holding.source_file_id,
        first_holding.source_line
    from person
    inner join first_holding on person.person_key = first_holding.beneficiary_key
    where person.is_identified
),

reached as (
    select
        'reached' as event,
        case when person.is_identified then 'identified' else 'anonymous' end as nature,
        person.reached_on as event_on,
        person.territory_code,
        first_use.lieu_siret,
        1 as people,
        first_use.source_file_id,
        first_use.source_line
    from person
    inner join first_use using (person_key)
),

-- A share is of those who answered oui or non.
pic as (
    select
        'pic_answer' as event,
        equipped_on as event_on,
        territory_code,
        case when pic_answer = 'oui' then 1 else 0 end as numerator,
        1 as denominator,
        source_file_id,
        source_line
    from answer
    where pic_answer in ('oui', 'non')
),

qpv as (
    select
        'qpv_answer' as event,
        equipped_on as event_on,
        territory_code,
        case when qpv_answer = 'oui' then 1 else 0 end as numerator,
        1 as denominator,
        source_file_id,
        source_line
    from answer
    where qpv_answer in ('oui', 'non')
),

event as (
    select * from equipped
    union all by name
    select * from reached
    union all by name
    select * from pic
    union all by name
    select * from qpv
)

select * from event
