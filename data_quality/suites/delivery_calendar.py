"""Checks of what should have been delivered: months, data sets, dates, files of the version before.

Tables judged are made of quality.delivered_file, one row a month, a data set, a date. Does not live here: what is wrong
inside a file (delivered_file, field_issue).
"""

from __future__ import annotations

from datetime import timedelta

from data_quality.expectations import Table, TableCheck, expect
from data_quality.profiles import IS_ACCEPTED, RECENT_DAYS
from programme.deliveries import QUARTERLY_TIMES

#: Deliveries of a data set against which the volume of one is judged.
_WINDOW = 6

_MONTH = Table(
    name="delivered_month",
    grain="un mois d'un jeu de données mensuel, du premier au dernier livré",
    sql="""
        with delivery as (
            select dataset, cast(date_trunc('month', extract_date) as date) as month_start
            from quality.delivered_file
            where outcome = 'loaded' and list_contains(getvariable('monthly'), dataset)
            group by all
        ),
        month_of_dataset as (
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
            dataset,
            month_start,
            case
                when delivery.month_start is not null then 'sa livraison'
                when event.month_start is not null then 'une autre livraison'
            end as covered_by
        from month_of_dataset
        left join delivery using (dataset, month_start)
        left join event using (dataset, month_start)
    """,
)

_DATASET = Table(
    name="dataset",
    grain="un jeu de données attendu",
    sql="""
        with awaited as (
            select unnest(getvariable('monthly')) as dataset, 'mensuel' as cadence,
                getvariable('expected_delivery_days') as days
            union all
            select unnest(getvariable('quarterly')), 'trimestriel',
                getvariable('quarterly_times') * getvariable('expected_delivery_days')
        ),
        last_delivery as (
            select dataset, max(extract_date) as extract_date
            from quality.delivered_file
            where outcome = 'loaded'
            group by dataset
        )
        select
            dataset,
            cadence,
            days,
            extract_date,
            -- One never delivered is awaited since the agreement was signed.
            coalesce(extract_date, getvariable('agreement_signed_on')) as delivered_on
        from awaited
        left join last_delivery using (dataset)
        where exists (select 1 from last_delivery)
    """,
)

_DATE = Table(
    name="delivery_date",
    grain="une date d'extraction d'un jeu de données mensuel de lignes",
    sql=f"""
        with dated as (
            -- A small file beside the large one of its date is a complement.
            select
                dataset,
                extract_date,
                sum(lines_read) as lines_read,
                arg_max(file_name, (lines_read, sha256)) as file_name,
                arg_max(file_id, (lines_read, sha256)) as file_id,
                bool_or({IS_ACCEPTED}) as is_accepted
            from quality.delivered_file
            where outcome = 'loaded' and dataset in ('prescriptions', 'utilisations')
            group by dataset, extract_date
        )
        select
            *,
            extract_date > getvariable('as_of') - {RECENT_DAYS} as is_recent,
            count(*) over before as earlier_dates,
            median(lines_read) over before as usual_lines,
            lines_read / nullif(median(lines_read) over before, 0) as share_of_usual
        from dated
        window before as (partition by dataset order by extract_date rows between {_WINDOW} preceding and 1 preceding)
    """,
)

_FILE_BEFORE = Table(
    name="previous_file",
    grain="un fichier chargé dans la version précédente",
    sql="""
        select
            before.file_id,
            before.file_name,
            exists (
                select 1 from quality.delivered_file as now
                where now.outcome = 'loaded' and now.file_id = before.file_id
            ) as is_still_loaded
        from previous.quality.delivered_file as before
        where before.outcome = 'loaded'
    """,
)


CHECKS = [
    TableCheck(
        code="PN-406",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucun mois n'a été sauté dans les livraisons mensuelles.",
        expected="chaque mois a sa livraison, ou ses lignes sont venues avec une autre",
        why="Un mois sauté se lit comme un mois sans activité ; si ses lignes sont venues plus tard, il est complet.",
        mend="Retrouvez l'export de ce mois et déposez-le ; s'il n'y a vraiment rien eu, déposez-le avec ses "
        "seuls en-têtes.",
        unit="mois",
        table=_MONTH,
        expectations=(expect("ExpectColumnValuesToNotBeNull", column="covered_by"),),
        units="""
            select 1 as value, 'livraison « ' || dataset || ' » de ' || fr_month(month_start) || ' absente' as detail
            from chosen
        """,
    ),
    TableCheck(
        code="PN-407",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Chaque jeu de données a été livré récemment.",
        expected="une livraison mensuelle depuis moins de {expected_delivery_days} jours (réglage du "
        "programme), le budget et l'annuaire depuis moins de quatre fois ce délai",
        why="Au-delà d'un mois et quelques jours, une livraison manque ; budget et annuaire viennent par trimestre.",
        mend="Produisez l'export attendu et déposez-le ; s'il l'a été, vérifiez la zone de dépôt et les "
        "fichiers refusés.",
        unit="jeu de données",
        table=_DATASET,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="delivered_on",
                min_value=lambda context: context.as_of - timedelta(days=context.expected_delivery_days),
                when=(("cadence", "==", "mensuel"),),
            ),
            expect(
                "ExpectColumnValuesToBeBetween",
                column="delivered_on",
                min_value=lambda context: (
                    context.as_of - timedelta(days=QUARTERLY_TIMES * context.expected_delivery_days)
                ),
                when=(("cadence", "==", "trimestriel"),),
            ),
        ),
        units="""
            select
                (getvariable('as_of') - delivered_on) / days as value,
                '« ' || dataset || ' » : ' || coalesce(
                    'dernière livraison du ' || fr_day(extract_date) || ', il y a '
                    || fr_int(getvariable('as_of') - extract_date) || ' jours', 'jamais livré'
                ) as detail
            from chosen
        """,
        kind="decimal",
    ),
    TableCheck(
        code="PN-412",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison récente n'est presque vide.",
        expected=f"au moins un dixième de la médiane des {_WINDOW} dates précédentes (si elle atteint 100 lignes)",
        why="Le creux d'août laisse encore plus d'une ligne sur dix ; en dessous, l'export a été coupé ou filtré.",
        mend="Vérifiez le filtre et la période de l'export, puis redéposez-le entier.",
        unit="livraison",
        table=_DATE,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="share_of_usual",
                min_value=0.10,
                when=(
                    ("usual_lines", ">=", 100),
                    ("earlier_dates", "==", _WINDOW),
                    ("is_recent", "==", True),
                    ("is_accepted", "==", False),
                ),
            ),
        ),
        units="""
            select
                file_id as source_file_id,
                share_of_usual as value,
                '« ' || file_name || ' » : ' || fr_int(lines_read) || ' lignes, d''ordinaire ' || fr_int(usual_lines)
                as detail
            from chosen
        """,
        kind="share",
        lowest_first=True,
    ),
    TableCheck(
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
        table=_FILE_BEFORE,
        expectations=(expect("ExpectColumnValuesToBeInSet", column="is_still_loaded", value_set=[True]),),
        units="""
            select 1 as value, '« ' || file_name || ' » n''est plus chargé' as detail, file_id as source_file_id
            from chosen
        """,
    ),
]
