-- Les anomalies des utilisations comptées, par lieu (une utilisation peut en porter plusieurs).
with flagged as (
    select
        lieu_siret,
        unnest(anomalies) as anomaly
    from core.fct_redemption
)

select
    lieu.lieu_name as lieu,
    flagged.anomaly as anomalie,
    count(*) as utilisations
from flagged
inner join core.dim_lieu as lieu using (lieu_siret)
group by all
order by utilisations desc, lieu, anomalie;
