"""Checks of core.dim_carnet (and so of the passes it holds): dates, territories, values, and the orders they answer."""

from __future__ import annotations

from data_quality.expectations import LineCheck, Table, TableCheck, expect
from data_quality.profiles import carnets_by_file

_ORDER = Table(
    name="order",
    grain="un bon de commande à la fois émis et engagé",
    sql="""
        with issued as (
            select order_reference, sum(pass_count * face_value_eur) as amount_eur
            from core.dim_carnet
            where order_reference is not null
            group by order_reference
        ),
        committed as (
            select order_reference, sum(amount_incl_tax_eur) as amount_eur
            from core.fct_budget_entry
            where is_counted and nature = 'engagement' and category = 'valeur_faciale'
            group by order_reference
        )
        select
            order_reference,
            issued.amount_eur as issued_eur,
            committed.amount_eur as committed_eur,
            abs(issued.amount_eur - committed.amount_eur) / nullif(committed.amount_eur, 0) as gap_share
        from issued
        inner join committed using (order_reference)
    """,
)
_LOT = Table(
    name="lot_face_value",
    grain="une valeur faciale d'un lot",
    sql="""
        select
            lot_code, face_value_eur, sum(pass_count) as passes, sum(pass_count * face_value_eur) as amount_eur
        from core.dim_carnet
        where lot_code is not null
        group by lot_code, face_value_eur
    """,
)

CHECKS = [
    LineCheck(
        code="PN-461",
        table_name="dim_carnet",
        owner="#APTIC",
        sentence="Les dates d'un carnet se suivent : émission, livraison, fin de validité.",
        expected="livraison, statut et fin de validité après l'émission ; validité de trois ans au plus",
        why="Une date inversée expire des pass trop tôt ou jamais ; les lots sont valables un à deux ans.",
        mend="Corrigez les dates de ces carnets et redéposez l'export des émissions.",
        unit="territoire (par fichier)",
        profile=carnets_by_file(
            "line.delivered_on < line.issued_on or line.status_on < line.issued_on or line.valid_until < line.issued_on"
            " or line.valid_until > line.issued_on + interval 3 years",
            "carnets aux dates incohérentes",
        ),
    ),
    TableCheck(
        code="PN-462",
        table_name="dim_carnet",
        owner="#APTIC",
        sentence="La valeur émise pour un bon de commande est celle qui a été engagée.",
        expected="écart d'au plus 1 % entre valeur faciale émise et engagement",
        why="Moins, et la Métropole a payé des pass qui n'existent pas ; l'arrondi d'un carnet justifie 1 %.",
        mend="Comparez le bon de commande et le lot livré : complétez les émissions, ou corrigez l'engagement.",
        unit="bon de commande",
        table=_ORDER,
        expectations=(expect("ExpectColumnValuesToBeBetween", column="gap_share", max_value=0.01),),
        units="""
            select
                gap_share as value,
                abs(issued_eur - committed_eur) as amount_eur,
                order_reference || ' : ' || fr_eur(issued_eur) || ' émis, ' || fr_eur(committed_eur) || ' engagés'
                as detail
            from chosen
        """,
        kind="share",
    ),
    LineCheck(
        code="PN-463",
        table_name="dim_carnet",
        owner="MGP",
        sentence="Les carnets sont affectés aux territoires du programme.",
        expected="aucun carnet d'une commune absente de territories.csv",
        why="Ils s'ajoutent au programme sans apparaître parmi ses territoires : la commune ou le code est à corriger.",
        mend="Corrigez la commune de ces carnets, ou ajoutez-la à territories.csv si elle participe.",
        unit="territoire (par fichier)",
        profile=carnets_by_file("territory.is_participating is not true", "carnets hors des territoires du programme"),
    ),
    TableCheck(
        code="PN-464",
        table_name="dim_carnet",
        owner="#APTIC",
        sentence="Les pass d'un lot ont une seule valeur faciale.",
        expected="une valeur faciale par lot",
        why="Un lot est une commande à un prix : deux valeurs viennent d'une virgule perdue.",
        mend="Corrigez la valeur faciale des carnets de ce lot, ou séparez les deux lots.",
        unit="lot",
        table=_LOT,
        expectations=(expect("ExpectColumnValuesToBeUnique", column="lot_code"),),
        units="""
            select
                count(*) as value,
                sum(passes) as passes,
                sum(amount_eur) as amount_eur,
                'lot ' || lot_code || ' : de ' || fr_eur(min(face_value_eur)) || ' à ' || fr_eur(max(face_value_eur))
                as detail
            from chosen
            group by lot_code
        """,
    ),
    LineCheck(
        code="PN-465",
        table_name="dim_carnet",
        owner="#APTIC",
        sentence="Le statut d'un carnet s'accorde avec ses dates.",
        expected="un carnet « livré » a une date de livraison",
        why="Sans date de livraison, le pass reste compté en stock chez l'émetteur alors qu'il est en circulation.",
        mend="Complétez la date de livraison, ou corrigez le statut du carnet.",
        unit="territoire (par fichier)",
        profile=carnets_by_file(
            "line.source_status = 'livre' and line.delivered_on is null", "carnets livrés sans date de livraison"
        ),
    ),
]
