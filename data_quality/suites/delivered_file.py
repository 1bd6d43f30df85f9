"""Checks of the deliveries: quality.delivered_file, field_issue and conflicting_version.

A person who has looked at a delivery names it in `accepted_deliveries` (programme.yaml): its defects then stop
blocking and being repeated, and PN-403 keeps naming it.
"""

from __future__ import annotations

from data_quality.expectations import Check
from data_quality.profiles import IS_REPLACED

_IS_ACCEPTED = (
    "(list_contains(getvariable('accepted_deliveries'), file_id)"
    " or list_contains(getvariable('accepted_deliveries'), sha256))"
)
#: A share of a few lines says nothing: from how many rejected lines a delivery is reported.
_FEW_LINES = 5
#: Deliveries of a data set against which the volume of one is judged.
_WINDOW = 6

_REJECTED_SHARE = f"""
    select
        file_id as source_file_id,
        lines_rejected / lines_read as value,
        '« ' || file_name || ' » : ' || fr_share(lines_rejected / lines_read) || ' des lignes rejetées ('
        || fr_int(lines_rejected) || ' sur ' || fr_int(lines_read) || ')' as detail
    from quality.delivered_file as file
    where outcome = 'loaded' and lines_read > 0 and {_IS_ACCEPTED} is %s and not {IS_REPLACED}
"""

CHECKS = [
    Check(
        code="PN-401",
        table_name="delivered_file",
        severity="bloquant",
        owner="#APTIC",
        sentence="Aucune livraison n'a plus de lignes rejetées que le seuil admis.",
        expected="au plus {max_rejected_share} de lignes rejetées par fichier (réglage max_rejected_share)",
        why="Au-delà, le fichier a changé de forme : publier compterait un programme amputé.",
        mend="Corrigez les lignes rejetées et redéposez le fichier sous le même nom, ou demandez à la "
        "Métropole de l'accepter tel quel.",
        unit="livraison",
        kind="share",
        maximum=lambda context: context.max_rejected_share,
        profile=_REJECTED_SHARE % "false",
    ),
    Check(
        code="PN-403",
        table_name="delivered_file",
        owner="MGP",
        sentence="Aucune livraison n'est publiée malgré ses rejets sur décision de la Métropole.",
        expected="aucune livraison acceptée au-delà de {max_rejected_share} de rejets (réglage accepted_deliveries)",
        why="Une décision d'une personne doit rester visible tant que le fichier n'est pas livré à nouveau.",
        mend="Demandez un nouveau dépôt du fichier corrigé, puis retirez son identité de accepted_deliveries.",
        unit="livraison",
        kind="share",
        maximum=lambda context: context.max_rejected_share,
        profile=_REJECTED_SHARE % "true",
    ),
    Check(
        code="PN-404",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Tout fichier rejeté en entier a été remplacé par un fichier chargé.",
        expected="aucun fichier rejeté sans remplaçant (même nom, ou même jeu de données à la même date)",
        why="Un fichier rejeté est un mois ou un jeu de données qui manque tant qu'il n'est pas livré à nouveau.",
        mend="Corrigez ce que dit le compte rendu du fichier et redéposez-le sous le même nom.",
        unit="fichier",
        profile=f"""
            select
                1 as value,
                '« ' || rejected.file_name || ' » rejeté (' || rejected.reason || '), reçu le '
                || fr_day(rejected.received_at) as detail,
                rejected.file_id as source_file_id
            from quality.delivered_file as rejected
            where rejected.outcome = 'rejected'
                and not {_IS_ACCEPTED.replace("file_id", "rejected.file_id").replace("sha256", "rejected.sha256")}
                and not exists (
                    select 1
                    from quality.delivered_file as loaded
                    where loaded.outcome = 'loaded'
                        and (
                            loaded.file_name = rejected.file_name and loaded.received_at >= rejected.received_at
                            or loaded.dataset = rejected.dataset and loaded.extract_date = rejected.extract_date
                        )
                )
        """,
    ),
    Check(
        code="PN-405",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison n'a plus de deux lignes rejetées sur cent.",
        expected=f"au plus 2 % de lignes rejetées par fichier (à partir de {_FEW_LINES} lignes rejetées)",
        why="Une ou deux lignes sur cent sont des fautes de frappe ; davantage vient d'une manière d'exporter.",
        mend="Cherchez la cause commune des lignes rejetées (réglage de l'export, saisie), corrigez et "
        "redéposez le fichier.",
        unit="livraison",
        kind="share",
        maximum=0.02,
        profile=_REJECTED_SHARE % "false" + f" and lines_rejected >= {_FEW_LINES}",
    ),
    Check(
        code="PN-406",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucun mois n'a été sauté dans les livraisons mensuelles.",
        expected="chaque mois a sa livraison, ou ses lignes sont venues avec une autre",
        why="Un mois sauté se lit comme un mois sans activité ; si ses lignes sont venues plus tard, il est complet.",
        mend="Retrouvez l'export de ce mois et déposez-le ; s'il n'y a vraiment rien eu, déposez-le avec ses "
        "seuls en-têtes.",
        unit="mois",
        profile="""
            with delivery as (
                select dataset, date_trunc('month', extract_date) as month_start
                from quality.delivered_file
                where outcome = 'loaded' and list_contains(getvariable('monthly'), dataset)
                group by all
            ),
            expected as (
                select
                    dataset,
                    cast(unnest(generate_series(min(month_start), max(month_start), interval 1 month)) as date)
                    as month_start
                from delivery
                group by dataset
            ),
            event as (
                select 'utilisations' as dataset, date_trunc('month', redeemed_on) as month_start
                from core.fct_redemption
                union
                select 'prescriptions', date_trunc('month', prescribed_on) from core.fct_prescription
                union
                select 'emissions', date_trunc('month', issued_on) from core.dim_carnet
            )
            select
                1 as value,
                'livraison « ' || expected.dataset || ' » de ' || fr_month(expected.month_start) || ' absente' as detail
            from expected
            where not exists (
                    select 1 from delivery
                    where delivery.dataset = expected.dataset and delivery.month_start = expected.month_start
                )
                and not exists (
                    select 1 from event
                    where event.dataset = expected.dataset and event.month_start = expected.month_start
                )
        """,
    ),
    Check(
        code="PN-407",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Chaque jeu de données a été livré récemment.",
        expected="une livraison mensuelle depuis moins de {expected_delivery_days} jours (réglage "
        "expected_delivery_days), le budget et l'annuaire depuis moins de quatre fois ce délai",
        why="Au-delà d'un mois et quelques jours, une livraison manque ; budget et annuaire viennent par trimestre.",
        mend="Produisez l'export attendu et déposez-le ; s'il l'a été, vérifiez la zone de dépôt et les "
        "fichiers refusés.",
        unit="jeu de données",
        kind="decimal",
        maximum=1,
        profile="""
            with awaited as (
                select unnest(getvariable('monthly')) as dataset, getvariable('expected_delivery_days') as days
                union all
                select unnest(getvariable('quarterly')),
                    getvariable('quarterly_times') * getvariable('expected_delivery_days')
            ),
            last_delivery as (
                select dataset, max(extract_date) as extract_date
                from quality.delivered_file
                where outcome = 'loaded'
                group by dataset
            )
            select
                (getvariable('as_of') - coalesce(extract_date, getvariable('agreement_signed_on'))) / days as value,
                '« ' || dataset || ' » : ' || coalesce(
                    'dernière livraison du ' || fr_day(extract_date) || ', il y a '
                    || fr_int(getvariable('as_of') - extract_date) || ' jours', 'jamais livré'
                ) as detail
            from awaited
            left join last_delivery using (dataset)
            where exists (select 1 from last_delivery)
        """,
    ),
    Check(
        code="PN-408",
        table_name="conflicting_version",
        owner="#APTIC",
        sentence="Les fichiers d'une même date d'extraction ne se contredisent pas.",
        expected="aucune clé décrite de deux façons à la même date",
        why="La règle (la plus grande empreinte l'emporte) décide sans savoir laquelle est juste.",
        mend="Dites laquelle des deux versions est la bonne : redéposez un export unique et plus récent.",
        unit="jeu de données",
        profile="""
            select
                count(*) as value,
                any_value(current_file_id) as source_file_id,
                '« ' || dataset || ' » au ' || fr_day(extract_date) || ' : ' || fr_int(count(*))
                || case when count(*) = 1 then ' clé contredite' else ' clés contredites' end as detail
            from quality.conflicting_version
            group by dataset, extract_date
        """,
    ),
    Check(
        code="PN-409",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucun fichier mensuel n'est livré à l'identique sous deux dates.",
        expected="un contenu par date d'extraction",
        why="Le même contenu sous une nouvelle date est un ancien fichier renommé : le mois attendu manque.",
        mend="Retrouvez le véritable export du mois et déposez-le : celui-ci est la copie d'un autre.",
        unit="fichier",
        maximum=1,
        profile=f"""
            select
                count(distinct extract_date) as value,
                max(file_id) as source_file_id,
                '« ' || min(file_name) || ' » a le même contenu que « ' || max(file_name) || ' »' as detail
            from quality.delivered_file
            where outcome = 'loaded' and lines_read > 0 and list_contains(getvariable('monthly'), dataset)
                and not {_IS_ACCEPTED}
            group by dataset, sha256
        """,
    ),
    Check(
        code="PN-410",
        table_name="field_issue",
        owner="#APTIC",
        sentence="Aucune colonne facultative n'est mal remplie dans plus d'une ligne sur vingt.",
        expected="au plus 5 % de valeurs écartées par fichier et colonne (à partir de 10 valeurs)",
        why="La valeur est vidée, la ligne reste : en nombre, une colonne entière se perd sans bruit.",
        mend="Vérifiez cette colonne dans l'export (format, liste de valeurs), corrigez et redéposez le fichier.",
        unit="colonne",
        kind="share",
        maximum=0.05,
        profile=f"""
            select
                issue.file_id as source_file_id,
                count(*) / max(file.lines_accepted) as value,
                '« ' || min(issue.file_name) || ' », colonne ' || issue.column_name || ' : ' || fr_int(count(*))
                || ' valeurs écartées (' || fr_share(count(*) / max(file.lines_accepted)) || ')' as detail
            from quality.field_issue as issue
            inner join quality.delivered_file as file
                on issue.file_id = file.file_id and file.outcome = 'loaded' and file.lines_accepted > 0
            where issue.reason = 'invalid_value' and not {IS_REPLACED}
            group by issue.file_id, issue.column_name
            having count(*) >= 10
        """,
    ),
    Check(
        code="PN-411",
        table_name="field_issue",
        owner="#APTIC",
        sentence="Les SIRET livrés ont une clé de contrôle juste.",
        expected="aucun SIRET dont la clé est fausse",
        why="Un SIRET mal recopié sépare un lieu ou un prescripteur de son activité ; la valeur est conservée.",
        mend="Vérifiez ces SIRET sur l'avis de situation Insee, corrigez-les à la source et redéposez l'export.",
        unit="colonne",
        profile="""
            select
                file_id as source_file_id,
                count(*) as value,
                '« ' || min(file_name) || ' », colonne ' || column_name || ' : '
                || fr_int(count(*)) || ' SIRET douteux (lignes '
                || array_to_string(list(line_number order by line_number)[1:5], ', ') || ')' as detail
            from quality.field_issue
            where reason = 'invalid_check_digits'
            group by file_id, column_name
        """,
    ),
    Check(
        code="PN-412",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison récente n'est presque vide.",
        expected=f"au moins un dixième de la médiane des {_WINDOW} dates précédentes (si elle atteint 100 lignes)",
        why="Le creux d'août laisse encore plus d'une ligne sur dix ; en dessous, l'export a été coupé ou filtré.",
        mend="Vérifiez le filtre et la période de l'export, puis redéposez-le entier.",
        unit="livraison",
        kind="share",
        maximum=None,
        minimum=0.10,
        profile=f"""
            with dated as (
                -- A small file beside the large one of its date is a complement.
                select
                    dataset,
                    extract_date,
                    sum(lines_read) as lines_read,
                    arg_max(file_name, (lines_read, sha256)) as file_name,
                    arg_max(file_id, (lines_read, sha256)) as file_id,
                    bool_or({_IS_ACCEPTED}) as is_accepted
                from quality.delivered_file
                where outcome = 'loaded' and dataset in ('prescriptions', 'utilisations')
                group by dataset, extract_date
            ),
            delivery as (
                select
                    *,
                    median(lines_read) over before as usual_lines,
                    count(*) over before as earlier
                from dated
                window before as (
                    partition by dataset order by extract_date
                    rows between {_WINDOW} preceding and 1 preceding
                )
            )
            select
                file_id as source_file_id,
                lines_read / usual_lines as value,
                '« ' || file_name || ' » : ' || fr_int(lines_read) || ' lignes, d''ordinaire ' || fr_int(usual_lines)
                as detail
            from delivery
            where usual_lines >= 100 and earlier = {_WINDOW} and extract_date > getvariable('as_of') - 62
                and not is_accepted
        """,
    ),
    Check(
        code="PN-413",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison récente ne contient de données personnelles hors contrat.",
        expected="aucune colonne de noms, d'adresses, de téléphones ou de courriels depuis deux mois",
        why="Écartées à l'entrée, ces colonnes n'auraient pas dû partir ; un export corrigé n'est plus rappelé.",
        mend="Retirez ces colonnes du modèle d'export ; prévenez le délégué à la protection des données.",
        unit="livraison",
        profile="""
            select
                len(personal_data_dropped) as value,
                file_id as source_file_id,
                '« ' || file_name || ' » : colonnes écartées ' || array_to_string(personal_data_dropped, ', ') as detail
            from quality.delivered_file
            where outcome = 'loaded' and extract_date > getvariable('as_of') - 62
        """,
    ),
    Check(
        code="PN-414",
        table_name="delivered_file",
        owner="MGP",
        sentence="Tout fichier chargé dans la version précédente l'est encore.",
        expected="aucun fichier perdu",
        why="L'entrepôt est refait depuis tous les fichiers : il n'en perd que si le lac a été amputé.",
        mend="Remettez du lac de sauvegarde le dossier de ce fichier, ou redéposez le fichier, puis relancez "
        "« passnum run ».",
        unit="fichier",
        needs_previous=True,
        profile="""
            select
                1 as value,
                '« ' || before.file_name || ' » n''est plus chargé' as detail,
                before.file_id as source_file_id
            from previous.quality.delivered_file as before
            where before.outcome = 'loaded'
                and not exists (
                    select 1 from quality.delivered_file as now
                    where now.outcome = 'loaded' and now.file_id = before.file_id
                )
        """,
    ),
]
