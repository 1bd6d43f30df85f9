-- Où en est le programme ? Chaque indicateur, son objectif et l'avancement.
select
    dictionary.label as indicateur,
    progress.value as valeur,
    dictionary.unit as unite,
    progress.target as objectif,
    round(100 * progress.ratio, 1) as avancement_pct,
    progress.as_of as date_des_donnees
from marts.programme_progress as progress
inner join marts.indicator as dictionary on progress.indicator = dictionary.code
order by dictionary.rank;
