-- People by what they answered, in the month they were equipped, or reached: months and territories add up.
with answer as (
    unpivot (
        select
            territory_code,
            equipped_on,
            reached_on,
            coalesce(age_band, 'non_renseigne') as age_band,
            coalesce(gender, 'non_renseigne') as gender,
            coalesce(situation, 'non_renseigne') as situation,
            coalesce(pic_answer, 'non_renseigne') as public_pic,
            coalesce(qpv_answer, 'non_renseigne') as residence_qpv
        from {{ ref('dim_person') }}
        where is_identified
    ) on age_band, gender, situation, public_pic, residence_qpv into name dimension value category
),

step as (
    select
        territory_code,
        dimension,
        category,
        {{ month_of('equipped_on') }} as month,
        count(*) as people_equipped,
        0 as people_reached
    from answer
    where equipped_on is not null
    group by all
    union all
    select
        territory_code,
        dimension,
        category,
        {{ month_of('reached_on') }} as month,
        0 as people_equipped,
        count(*) as people_reached
    from answer
    where reached_on is not null
    group by all
)

select
    month,
    territory_code,
    dimension,
    category,
    cast(sum(people_equipped) as bigint) as people_equipped,
    cast(sum(people_reached) as bigint) as people_reached
from step
group by all
order by all
