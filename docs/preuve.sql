-- Chaque chiffre publié est-il la somme des lignes livrées ? Pour chaque mesure du dictionnaire, chaque territoire et chaque
-- mois, zéros compris, puis par AMI, par lieu, par jour et pour le programme, la somme de proof.contribution est comparée
-- aux tableaux publiés ; « ecarts » doit être 0 partout.
-- À lancer sur un fichier publié : duckdb -readonly passnum.duckdb < docs/preuve.sql
with
-- Les contributions, mesure par mesure : l'évènement, la colonne et les natures que dit le dictionnaire.
ligne as (
    unpivot (
        select
            event, nature, territory_code, ami, date_trunc('month', event_on)::date as month,
            sum(events)::double as events, sum(passes)::double as passes, sum(face_value_eur)::double as face_value_eur,
            sum(amount_eur)::double as amount_eur, sum(minutes)::double as minutes, sum(people)::double as people,
            sum(territories)::double as territories, sum(lieux)::double as lieux,
            sum(passes_with_anomaly)::double as passes_with_anomaly, sum(numerator)::double as numerator,
            sum(denominator)::double as denominator
        from proof.contribution
        group by all
    )
    on events, passes, face_value_eur, amount_eur, minutes, people, territories, lieux, passes_with_anomaly, numerator,
        denominator
    into name colonne value valeur
),

somme as (
    select
        measure.code as indicator, measure.unit, ligne.month,
        -- Une session n'a pas de territoire : elle peut en réunir plusieurs.
        case when measure.event <> 'session' then ligne.territory_code end as territory_code,
        sum(ligne.valeur) filter (where ligne.colonne = measure.measure) as valeur,
        sum(ligne.valeur) filter (where ligne.colonne = 'denominator') as repondants
    from proof.measure as measure
    inner join ligne
        on measure.event = ligne.event
        and (measure.natures is null or list_contains(string_split(measure.natures, ' | '), ligne.nature))
    group by all
),

preuve as (
    select
        indicator, month, territory_code, valeur / case unit when 'heure' then 60 else 1 end as valeur, repondants
    from somme
),

-- La grille : toutes les mesures, tous les territoires (et « aucun »), tous les mois.
mois as (
    select unnest(generate_series(min(month), max(month), interval 1 month))::date as month from marts.measure_month
),

lieu as (
    select territory_code from marts.territory_progress
    union all
    select null
),

-- Ce qui est publié, par mois et par territoire.
publie as (
    select 'measure_month' as tableau, indicator, month, territory_code, sum(value) as valeur
    from marts.measure_month
    where indicator <> 'state_share_due_eur'
    group by all
    union all
    -- La part de l'État avant plafond : le taux, sur ce que chaque territoire a utilisé.
    select 'measure_month', indicator, month, territory_code, sum(value) / any_value(programme.state_rate)
    from marts.measure_month cross join marts.programme as programme
    where indicator = 'state_share_due_eur' and territory_code is not null
    group by all
    union all
    select 'territory_month', indicator, month, territory_code, valeur
    from (
        unpivot (
            select month, territory_code, columns(* exclude (month, territory_code, territory_name, ami))::double
            from marts.territory_month
        ) on columns(* exclude (month, territory_code)) into name indicator value valeur
    )
    union all
    -- Les réponses, comptées à part, personne par personne.
    select
        'audience_month', case dimension when 'public_pic' then 'pic_share' else 'qpv_share' end, month, territory_code,
        sum(people_equipped)
    from marts.audience_month
    where dimension in ('public_pic', 'residence_qpv') and category = 'oui'
    group by all
    union all
    -- Le compte du mandat suit le territoire du carnet : l'émission, l'expiration et l'annulation y sont les mêmes.
    select 'mandate_ledger', indicator, month, territory_code, valeur
    from (
        unpivot (
            select
                month, territory_code, issued_passes::double as passes_issued, expired_passes::double as passes_expired,
                cancelled_passes::double as passes_cancelled, issued_eur::double as face_value_issued_eur,
                expired_eur::double as face_value_expired_eur, cancelled_eur::double as face_value_cancelled_eur
            from marts.mandate_ledger
        ) on columns(* exclude (month, territory_code)) into name indicator value valeur
    )
),

couvert as (
    select distinct tableau, indicator from publie
    union
    select 'measure_month', code from proof.measure where rule <> 'ratio' and code <> 'people_welcomed'
),

par_mois as (
    select
        couvert.tableau, couvert.indicator, coalesce(publie.valeur, 0) as publiee, coalesce(preuve.valeur, 0) as prouvee
    from couvert
    cross join mois
    cross join lieu
    left join publie
        on couvert.tableau = publie.tableau and couvert.indicator = publie.indicator and mois.month = publie.month
        and lieu.territory_code is not distinct from publie.territory_code
    left join preuve
        on couvert.indicator = preuve.indicator and mois.month = preuve.month
        and lieu.territory_code is not distinct from preuve.territory_code
    where couvert.tableau in ('measure_month') or lieu.territory_code is not null
),

-- Les totaux des 21 indicateurs, tels qu'ils se lisent : une somme, un rapport, une somme plafonnée.
total as (
    select
        measure.code as indicator,
        case measure.rule
            when 'ratio' then sum(preuve.valeur) / nullif(sum(preuve.repondants), 0)
            when 'capped' then least(
                any_value(programme.state_rate) * sum(preuve.valeur), any_value(programme.state_ceiling_eur)
            )
            else coalesce(sum(preuve.valeur), 0)
        end as valeur
    from proof.measure as measure
    cross join marts.programme as programme
    left join preuve on measure.code = preuve.indicator
    group by measure.code, measure.rule
),

-- Par appel à manifestation d'intérêt : celui de l'écriture pour le budget, sinon celui du territoire.
par_ami as (
    select
        'measure_month, par AMI' as tableau, measure.code as indicator,
        coalesce(publie.valeur, 0) as publiee, coalesce(preuve.valeur, 0) as prouvee
    from proof.measure as measure
    cross join (select unnest([1, 2, null]) as ami) as appel
    cross join mois
    left join (
        select indicator, ami, month, sum(value) as valeur from marts.measure_month group by all
    ) as publie
        on measure.code = publie.indicator and appel.ami is not distinct from publie.ami and mois.month = publie.month
    left join (
        select
            somme.code as indicator, case when somme.event <> 'session' then ligne.ami end as ami, ligne.month,
            sum(ligne.valeur) filter (where ligne.colonne = somme.measure)
            / case any_value(somme.unit) when 'heure' then 60 else 1 end as valeur
        from proof.measure as somme
        inner join ligne
            on somme.event = ligne.event
            and (somme.natures is null or list_contains(string_split(somme.natures, ' | '), ligne.nature))
        group by all
    ) as preuve
        on measure.code = preuve.indicator and appel.ami is not distinct from preuve.ami and mois.month = preuve.month
    where measure.rule = 'sum'
),

-- Par lieu et par mois, puis par jour, en cumul : les mesures que publient lieu_activity et progress_daily.
par_lieu as (
    select
        'lieu_activity' as tableau, indicator, coalesce(publie.valeur, 0) as publiee,
        coalesce(preuve.valeur, 0) as prouvee
    from (
        unpivot (
            select
                lieu_siret, month, amount_eur::double as amount_used_eur,
                columns(* exclude (lieu_siret, month, lieu_name, territory_code, is_inferred, amount_eur))::double
            from marts.lieu_activity
        ) on columns(* exclude (lieu_siret, month)) into name indicator value valeur
    ) as publie
    full join (
        select
            measure.code as indicator, lieu_siret, date_trunc('month', event_on)::date as month,
            sum(case measure.measure
                when 'passes' then passes when 'face_value_eur' then face_value_eur when 'amount_eur' then amount_eur
                when 'minutes' then minutes when 'people' then people when 'events' then events
                when 'passes_with_anomaly' then passes_with_anomaly
            end)::double / case measure.unit when 'heure' then 60 else 1 end as valeur
        from proof.contribution
        inner join proof.measure as measure
            on measure.event = contribution.event
            and (measure.natures is null or list_contains(string_split(measure.natures, ' | '), contribution.nature))
        where lieu_siret is not null and measure.code in (
            'passes_used', 'face_value_used_eur', 'amount_used_eur', 'reimbursed_eur', 'passes_with_anomaly',
            'attendances', 'hours', 'people_welcomed', 'sessions', 'session_hours'
        )
        group by measure.code, measure.unit, lieu_siret, month
    ) as preuve using (indicator, lieu_siret, month)
),

par_jour as (
    select
        'progress_daily' as tableau, publie.indicator, publie.valeur as publiee,
        sum(coalesce(preuve.valeur, 0)) over (partition by publie.indicator order by publie.date_day) as prouvee
    from (
        unpivot (select date_day, columns(* exclude date_day)::double from marts.progress_daily)
        on columns(* exclude date_day) into name indicator value valeur
    ) as publie
    left join (
        select
            measure.code as indicator, event_on as date_day,
            sum(case measure.measure
                when 'passes' then passes when 'face_value_eur' then face_value_eur when 'amount_eur' then amount_eur
                when 'minutes' then minutes when 'people' then people
            end)::double / case measure.unit when 'heure' then 60 else 1 end as valeur
        from proof.contribution
        inner join proof.measure as measure
            on measure.event = contribution.event
            and (measure.natures is null or list_contains(string_split(measure.natures, ' | '), contribution.nature))
        group by measure.code, measure.unit, date_day
    ) as preuve using (indicator, date_day)
),

compare as (
    select tableau, indicator, publiee, prouvee from par_mois
    union all
    from par_ami
    union all
    from par_lieu
    union all
    from par_jour
    union all
    select 'programme_progress', progress.indicator, coalesce(progress.value, 0), coalesce(total.valeur, 0)
    from marts.programme_progress as progress
    left join total using (indicator)
    union all
    -- La part de l'État, plafond compris, est la somme de ses mois.
    select 'measure_month, total', 'state_share_due_eur', sum(month.value), any_value(total.valeur)
    from marts.measure_month as month
    inner join total using (indicator)
    where month.indicator = 'state_share_due_eur'
)

select
    tableau,
    indicator as indicateur,
    count(*) as cases_comparees,
    count(*) filter (where prouvee <> 0) as cases_non_nulles,
    count(*) filter (where abs(publiee - prouvee) > 0.005) as ecarts,
    max(abs(publiee - prouvee)) as plus_grand_ecart
from compare
group by all
order by tableau, indicateur;
