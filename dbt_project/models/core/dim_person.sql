-- An identified person is a beneficiary who holds a carnet; a carnet in use that no identified beneficiary
-- holds is one anonymous person (figures, people).
with carnet_use as (
    select * from {{ ref('int_carnet_use') }}
),

held_carnet as (
    select
        prescription.beneficiary_key,
        min(prescription.prescribed_on) as equipped_on,
        min(carnet_use.first_used_on) as reached_on,
        cast(count(*) as integer) as carnets_held
    from {{ ref('fct_prescription') }} as prescription
    left join carnet_use using (carnet_number)
    where prescription.is_holding and prescription.beneficiary_key is not null
    group by prescription.beneficiary_key
),

-- A person belongs to the territory of their earliest live prescription: earliest date, then smallest id.
earliest as (
    select
        beneficiary_key,
        arg_min(
            {
                'territory_code': territory_code,
                'age_band': age_band,
                'gender': gender,
                'situation': situation,
                'pic_answer': pic_answer,
                'qpv_answer': qpv_answer
            },
            (prescribed_on, prescription_id)
        ) as answers
    from {{ ref('fct_prescription') }}
    where is_live and beneficiary_key is not null
    group by beneficiary_key
)

select
    held_carnet.beneficiary_key as person_key,
    true as is_identified,
    earliest.answers.territory_code,
    held_carnet.equipped_on,
    held_carnet.reached_on,
    held_carnet.carnets_held,
    earliest.answers.age_band,
    earliest.answers.gender,
    earliest.answers.situation,
    earliest.answers.pic_answer,
    earliest.answers.qpv_answer
from held_carnet
inner join earliest using (beneficiary_key)
union all
select
    carnet.person_key,
    false as is_identified,
    carnet.use_territory_code as territory_code,
    null as equipped_on,
    carnet_use.first_used_on as reached_on,
    1 as carnets_held,
    null as age_band,
    null as gender,
    null as situation,
    null as pic_answer,
    null as qpv_answer
from carnet_use
inner join {{ ref('dim_carnet') }} as carnet using (carnet_number)
where not carnet.is_identified
