-- Les pass qui expireront dans les 90 jours, par territoire et par prescripteur.
select
    territory.territory_name as territoire,
    prescriber.prescriber_name as prescripteur,
    risk.status as statut,
    risk.passes as pass,
    risk.face_value_eur as valeur_faciale_eur,
    risk.first_expiry_on as premiere_expiration
from marts.expiry_risk as risk
inner join core.dim_territory as territory using (territory_code)
left join core.dim_prescriber as prescriber using (prescriber_siret)
where risk.horizon_days = 90
order by valeur_faciale_eur desc, territoire, prescripteur;
