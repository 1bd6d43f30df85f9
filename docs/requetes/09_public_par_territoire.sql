-- La part du public PIC par territoire, avec la part des personnes qui ont répondu.
select
    territory_name as territoire,
    round(100 * pic_share, 1) as public_pic_pct,
    round(100 * pic_answered_share, 1) as repondants_pct,
    people_equipped as personnes_equipees
from marts.territory_progress
where is_participating and people_equipped > 0
order by public_pic_pct desc nulls last, territoire;
