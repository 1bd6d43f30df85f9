select
    territory_code,
    coalesce(lieu_territory_code, 'inconnu') as lieu_territory_code,
    count(*) as passes_used,
    cast(sum(face_value_eur) as decimal(18, 2)) as face_value_used_eur,
    cast(sum(amount_eur) as decimal(18, 2)) as amount_eur
from {{ ref('fct_redemption') }}
where is_counted
group by all
order by all
