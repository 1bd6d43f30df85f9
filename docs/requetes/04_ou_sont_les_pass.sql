-- Où sont les pass ? Par année de validité et par statut, en nombre et en euros.
select
    validity_year as fin_de_validite,
    status as statut,
    sum(passes) as pass,
    sum(face_value_eur) as valeur_faciale_eur
from marts.pass_lifecycle
group by all
order by fin_de_validite, statut;
