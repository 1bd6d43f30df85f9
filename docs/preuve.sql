-- Chaque chiffre publié est-il la somme des lignes livrées ? Pour chaque mesure du dictionnaire, chaque territoire et chaque
-- mois, zéros compris, la somme de proof.contribution est comparée aux tableaux publiés ; « ecarts » doit être 0 partout.
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

compare as (
    select tableau, indicator, publiee, prouvee from par_mois
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
