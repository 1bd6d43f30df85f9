-- Combien de jours entre la prescription et la première utilisation du carnet ?
with first_use as (
    select
        carnet_number,
        min(attended_on) as used_on
    from core.fct_attendance
    group by carnet_number
)

select
    date_trunc('quarter', carnet.prescribed_on) as trimestre_de_prescription,
    count(*) as carnets_utilises,
    median(first_use.used_on - carnet.prescribed_on) as delai_median_jours
from core.dim_carnet as carnet
inner join first_use using (carnet_number)
where carnet.prescribed_on is not null
group by all
order by trimestre_de_prescription;
