"""Checks of each delivered file: its rejected lines, its replacement, its content. Table: quality.delivered_file.

A person who has looked at a delivery names it in `accepted_deliveries` (programme.yaml): its defects then stop
blocking and being repeated, and PN-403 keeps naming it. Does not live here: the files that are missing
(delivery_calendar), the values of their lines (field_issue).
"""

from __future__ import annotations

from data_quality.expectations import Condition, Expect, Table, TableCheck, expect
from data_quality.profiles import IS_ACCEPTED, IS_REPLACED, RECENT_DAYS

#: A share of a few lines says nothing: from how many rejected lines a delivery is reported.
_FEW_LINES = 5

_DELIVERED_FILE = Table(
    name="delivered_file",
    grain="un fichier reçu",
    sql=f"""
        select
            file_id, sha256, file_name, dataset, extract_date, received_at, outcome, reason, lines_read, lines_rejected,
            lines_rejected / nullif(lines_read, 0) as rejected_share,
            len(personal_data_dropped) as personal_columns,
            array_to_string(personal_data_dropped, ', ') as personal_names,
            list_contains(getvariable('monthly'), dataset) as is_monthly,
            extract_date > getvariable('as_of') - {RECENT_DAYS} as is_recent,
            {IS_ACCEPTED} as is_accepted,
            outcome = 'loaded' and {IS_REPLACED} as is_replaced,
            outcome = 'rejected' and exists (
                select 1
                from quality.delivered_file as loaded
                where loaded.outcome = 'loaded'
                    and (
                        loaded.file_name = file.file_name and loaded.received_at >= file.received_at
                        or loaded.dataset = file.dataset and loaded.extract_date = file.extract_date
                    )
            ) as is_superseded
        from quality.delivered_file as file
    """,
)
_LOADED = ("outcome", "==", "loaded")
_ACCEPTED = ("is_accepted", "==", True)
_NOT_ACCEPTED = ("is_accepted", "==", False)
_NOT_REPLACED = ("is_replaced", "==", False)
_REJECTED_UNITS = """
    select
        file_id as source_file_id,
        rejected_share as value,
        '« ' || file_name || ' » : ' || fr_share(rejected_share) || ' des lignes rejetées ('
        || fr_int(lines_rejected) || ' sur ' || fr_int(lines_read) || ')' as detail
    from chosen
"""
#: The same, with what a person copies into accepted_deliveries.
_REFUSED_UNITS = f"""
    select * replace (detail || ', identifiant ' || source_file_id as detail)
    from ({_REJECTED_UNITS})
"""


def _at_most_the_admitted_share(*when: Condition) -> Expect:
    """The threshold of the settings, for the deliveries accepted by a person (shown) and for the others (blocked)."""
    return expect(
        "ExpectColumnValuesToBeBetween",
        column="rejected_share",
        max_value=lambda context: context.max_rejected_share,
        when=when,
    )


CHECKS = [
    TableCheck(
        code="PN-401",
        table_name="delivered_file",
        severity="bloquant",
        owner="#APTIC",
        sentence="Aucune livraison n'a plus de lignes rejetées que le seuil admis.",
        expected="au plus {max_rejected_share} de lignes rejetées par fichier (réglage du programme)",
        why="Au-delà, le fichier a changé de forme : publier compterait un programme amputé.",
        mend="Corrigez les lignes rejetées et redéposez le fichier sous le même nom, ou demandez à la "
        "Métropole de l'accepter tel quel.",
        unit="livraison",
        table=_DELIVERED_FILE,
        expectations=(_at_most_the_admitted_share(_LOADED, _NOT_ACCEPTED, _NOT_REPLACED),),
        units=_REFUSED_UNITS,
        kind="share",
    ),
    TableCheck(
        code="PN-403",
        table_name="delivered_file",
        owner="MGP",
        sentence="Aucune livraison n'est publiée malgré ses rejets sur décision de la Métropole.",
        expected="aucune livraison acceptée au-delà de {max_rejected_share} de rejets (réglage du programme)",
        why="Une décision d'une personne doit rester visible tant que le fichier n'est pas livré à nouveau.",
        mend="Demandez un nouveau dépôt du fichier corrigé, puis retirez son identité de accepted_deliveries.",
        unit="livraison",
        table=_DELIVERED_FILE,
        expectations=(_at_most_the_admitted_share(_LOADED, _ACCEPTED, _NOT_REPLACED),),
        units=_REJECTED_UNITS,
        kind="share",
    ),
    TableCheck(
        code="PN-404",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Tout fichier rejeté en entier a été remplacé par un fichier chargé.",
        expected="aucun fichier rejeté sans remplaçant (même nom, ou même jeu de données à la même date)",
        why="Un fichier rejeté est un mois ou un jeu de données qui manque tant qu'il n'est pas livré à nouveau.",
        mend="Corrigez ce que dit le compte rendu du fichier et redéposez-le sous le même nom.",
        unit="fichier",
        table=_DELIVERED_FILE,
        expectations=(
            expect(
                "ExpectColumnValuesToBeInSet",
                column="is_superseded",
                value_set=[True],
                when=(("outcome", "==", "rejected"), _NOT_ACCEPTED),
            ),
        ),
        units="""
            select
                1 as value,
                '« ' || file_name || ' » rejeté (' || reason || '), reçu le ' || fr_day(received_at) as detail,
                file_id as source_file_id
            from chosen
        """,
    ),
    TableCheck(
        code="PN-405",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison n'a plus de deux lignes rejetées sur cent.",
        expected=f"au plus 2 % de lignes rejetées par fichier (à partir de {_FEW_LINES} lignes rejetées)",
        why="Une ou deux lignes sur cent sont des fautes de frappe ; davantage vient d'une manière d'exporter.",
        mend="Cherchez la cause commune des lignes rejetées (réglage de l'export, saisie), corrigez et "
        "redéposez le fichier.",
        unit="livraison",
        table=_DELIVERED_FILE,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="rejected_share",
                max_value=0.02,
                when=(_LOADED, _NOT_ACCEPTED, _NOT_REPLACED, ("lines_rejected", ">=", _FEW_LINES)),
            ),
        ),
        units=_REJECTED_UNITS,
        kind="share",
    ),
    TableCheck(
        code="PN-409",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucun fichier mensuel n'est livré à l'identique sous deux dates.",
        expected="un contenu par date d'extraction",
        why="Le même contenu sous une nouvelle date est un ancien fichier renommé : le mois attendu manque.",
        mend="Retrouvez le véritable export du mois et déposez-le : celui-ci est la copie d'un autre.",
        unit="fichier",
        table=_DELIVERED_FILE,
        expectations=(
            expect(
                "ExpectCompoundColumnsToBeUnique",
                column_list=["dataset", "sha256"],
                when=(_LOADED, ("is_monthly", "==", True), ("lines_read", ">", 0), _NOT_ACCEPTED),
            ),
        ),
        units="""
            select
                count(distinct extract_date) as value,
                max(file_id) as source_file_id,
                '« ' || min(file_name) || ' » a le même contenu que « ' || max(file_name) || ' »' as detail
            from chosen
            group by dataset, sha256
        """,
    ),
    TableCheck(
        code="PN-413",
        table_name="delivered_file",
        owner="#APTIC",
        sentence="Aucune livraison récente ne contient de données personnelles hors contrat.",
        expected="aucune colonne de noms, d'adresses, de téléphones ou de courriels depuis deux mois",
        why="Écartées à l'entrée, ces colonnes n'auraient pas dû partir ; un export corrigé n'est plus rappelé.",
        mend="Retirez ces colonnes du modèle d'export ; prévenez le délégué à la protection des données.",
        unit="livraison",
        table=_DELIVERED_FILE,
        expectations=(
            expect(
                "ExpectColumnValuesToBeBetween",
                column="personal_columns",
                max_value=0,
                when=(_LOADED, ("is_recent", "==", True)),
            ),
        ),
        units="""
            select
                personal_columns as value,
                file_id as source_file_id,
                '« ' || file_name || ' » : colonnes écartées ' || personal_names as detail
            from chosen
        """,
    ),
]
