-- Les utilisations non comptées, par motif et par fichier : de quoi demander une correction.
select
    redemption.exclusion_reason as motif,
    file.file_name as fichier,
    count(*) as lignes,
    sum(redemption.amount_eur) as montant_eur
from core.fct_redemption as redemption
inner join quality.delivered_file as file
    on redemption.source_file_id = file.file_id and file.outcome = 'loaded'
where not redemption.is_counted
group by all
order by lignes desc, motif, fichier;
