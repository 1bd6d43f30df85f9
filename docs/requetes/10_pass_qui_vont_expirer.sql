-- Les pass qui expireront dans le préavis des réglages (expiry_alert_days), par territoire et par prescripteur.
select
    territory.territory_name as territoire,
    prescriber.prescriber_name as prescripteur,
    risk.status as statut,
    risk.passes as pass,
    risk.face_value_eur as valeur_faciale_eur,
    risk.first_expiry_on as premiere_expiration
from marts.expiry_risk as risk
inner join marts.programme as programme on programme.expiry_alert_days = risk.horizon_days
inner join core.dim_territory as territory using (territory_code)
left join core.dim_prescriber as prescriber using (prescriber_siret)
order by valeur_faciale_eur desc, territoire, prescripteur;
