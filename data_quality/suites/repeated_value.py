"""Checks of values repeated within a delivery: quality.repeated_value.

Keys and codes that a program emptied or rewrote make one session, one person, one redemption of all lines: nothing
else in the figures would show it. Does not live here: what counts as repeated (models/quality/repeated_value.sql).
"""

from __future__ import annotations

from data_quality.expectations import LineCheck
from data_quality.profiles import FILE_NAMES


def _repeated(where: str, what: str) -> str:
    """Profile: one row a file and column of repeated_value that hold `where`."""
    return f"""
        select
            repeated.file_id as source_file_id,
            repeated.lines_of_value as value,
            '« ' || file.file_name || ' », colonne ' || repeated.column_name || ' : {what} '
            || fr_int(repeated.lines_of_value) || ' lignes sur ' || fr_int(repeated.filled_lines) as detail
        from quality.repeated_value as repeated
        inner join {FILE_NAMES} as file on repeated.file_id = file.file_id
        where {where}
    """


CHECKS = [
    LineCheck(
        code="PN-151",
        table_name="repeated_value",
        owner="#APTIC",
        sentence="Aucune livraison récente ne porte la même clé sur de nombreuses lignes.",
        expected="aucun fichier de moins de deux mois où une clé est sur cinq lignes ou plus",
        why="Une seule de ces lignes compte, la dernière : les autres disparaissent des chiffres sans bruit.",
        mend="Refaites l'export sans passer par un tableur, qui récrit ou vide les identifiants, et redéposez-le.",
        unit="colonne",
        profile=_repeated("repeated.is_key", "une seule clé sur"),
    ),
    LineCheck(
        code="PN-152",
        table_name="repeated_value",
        owner="#APTIC",
        sentence="Aucun code facultatif ne couvre soudain presque toutes les lignes d'une livraison récente.",
        expected="aucun fichier où une session, une personne ou un service prend neuf lignes sur dix, "
        "alors que les précédents en avaient plusieurs (à partir de 20 lignes)",
        why="Une valeur par défaut mise à la place des vraies fait une session ou une personne de toutes les lignes.",
        mend="Vérifiez cette colonne dans l'outil d'origine : un mot ou un code par défaut l'a remplie.",
        unit="colonne",
        profile=_repeated("not repeated.is_key", "une seule valeur sur"),
    ),
]
