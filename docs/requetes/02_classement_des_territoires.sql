-- Les territoires par nombre de personnes formées, et le taux d'utilisation des pass prescrits.
select
    territory_name as territoire,
    people_reached as personnes_formees,
    round(hours, 1) as heures,
    passes_used as pass_utilises,
    round(100.0 * passes_used / nullif(passes_prescribed, 0), 1) as utilisation_pct
from marts.territory_progress
where is_participating
order by people_reached desc, territoire;
