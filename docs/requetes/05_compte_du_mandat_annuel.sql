-- Le compte du mandat, année par année, sans contraction : chaque opération par nature.
select
    year(month) as annee,
    sum(issued_eur) as emis_eur,
    sum(used_eur) as utilises_eur,
    sum(expired_eur) as expires_eur,
    sum(cancelled_eur) as annules_eur,
    sum(closing_eur) filter (where month = (select max(last.month) from marts.mandate_ledger as last
        where year(last.month) = year(mandate_ledger.month))) as solde_de_cloture_eur
from marts.mandate_ledger
group by annee
order by annee;
