-- The passes that can still be used, by the last day on which they can, with whom they are: who is to be called, by when.
select
    territory_code,
    coalesce(prescriber_siret, '(stock)') as prescriber_siret,
    coalesce(lot_code, '(sans lot)') as lot_code,
    status,
    tolerance_until as last_usable_on,
    count(*) as passes,
    count(distinct carnet_number) as carnets,
    cast(sum(face_value_eur) as decimal(18, 2)) as face_value_eur
from {{ ref('fct_pass') }}
where left_on is null
group by all
order by all
