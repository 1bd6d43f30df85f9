with answer as (
    unpivot (
        select
            person_key,
            territory_code,
            reached_on is not null as is_reached,
            coalesce(age_band, 'non_renseigne') as age_band,
            coalesce(gender, 'non_renseigne') as gender,
            coalesce(situation, 'non_renseigne') as situation,
            coalesce(pic_answer, 'non_renseigne') as public_pic,
            coalesce(qpv_answer, 'non_renseigne') as residence_qpv
        from {{ ref('dim_person') }}
        where is_identified
    ) on age_band, gender, situation, public_pic, residence_qpv into name dimension value category
)

select
    territory_code,
    dimension,
    category,
    count(*) as people_equipped,
    count(*) filter (where is_reached) as people_reached
from answer
group by all
order by all
