-- Les lieux actifs l'an dernier et sans aucune utilisation depuis trois mois.
with date_des_donnees as (
    select max(as_of) as as_of from marts.programme_progress
)

select
    lieu.lieu_name as lieu,
    lieu.territory_code as territoire,
    max(lieu.month) as dernier_mois_actif,
    sum(lieu.passes_used) as pass_utilises
from marts.lieu_activity as lieu
cross join date_des_donnees
group by all
having max(lieu.month) < any_value(date_des_donnees.as_of) - interval 3 months
    and max(lieu.month) >= any_value(date_des_donnees.as_of) - interval 15 months
order by dernier_mois_actif desc, lieu;
