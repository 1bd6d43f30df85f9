"""Checks of values repeated within a delivery: quality.repeated_value and quality.field_issue.

Keys and codes that a program emptied or rewrote make one session, one person, one redemption of all lines: nothing
else in the figures would show it. Does not live here: what counts as repeated (models/quality/repeated_value.sql).
"""

from __future__ import annotations

from data_quality.expectations import LineCheck
from data_quality.profiles import IS_REPLACED

_FILE_NAMES = """(
    select file_id, min(file_name) filter (where outcome = 'loaded') as file_name
    from quality.delivered_file
    group by file_id
)"""


def _repeated(where: str, what: str) -> str:
    """Profile: one row a file and column of repeated_value that hold `where`."""
    return f"""
        select
            repeated.file_id as source_file_id,
            repeated.lines_of_value as value,
            '« ' || file.file_name || ' », colonne ' || repeated.column_name || ' : {what} '
            || fr_int(repeated.lines_of_value) || ' lignes sur ' || fr_int(repeated.filled_lines) as detail
        from quality.repeated_value as repeated
        inner join {_FILE_NAMES} as file on repeated.file_id = file.file_id
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
    LineCheck(
        code="PN-153",
        table_name="field_issue",
        owner="#APTIC",
        sentence="Aucune livraison ne contient d'erreur d'Excel, de formule non calculée ni de texte abîmé.",
        expected="aucun champ en erreur, non calculé ou lu dans un mauvais encodage",
        why="Le fichier est passé par un logiciel qui l'a abîmé : ce qui se voit n'est souvent qu'une partie.",
        mend="Refaites l'export en UTF-8 depuis l'outil d'origine, sans le rouvrir dans un tableur.",
        unit="colonne",
        profile=f"""
            select
                issue.file_id as source_file_id,
                count(*) as value,
                '« ' || min(issue.file_name) || ' », colonne ' || issue.column_name || ' : ' || fr_int(count(*))
                || case issue.reason
                    when 'error_cell' then ' fois « erreur d''Excel »'
                    when 'uncalculated_formula' then ' fois « formule non calculée »'
                    else ' fois « texte abîmé »'
                end as detail
            from quality.field_issue as issue
            inner join quality.delivered_file as file
                on issue.file_id = file.file_id and file.outcome = 'loaded'
            where issue.reason in ('error_cell', 'uncalculated_formula', 'damaged_text') and not {IS_REPLACED}
            group by issue.file_id, issue.column_name, issue.reason
        """,
    ),
    LineCheck(
        code="PN-154",
        table_name="field_issue",
        owner="#APTIC",
        sentence="Aucune colonne d'une livraison n'est remplie de mots qui veulent dire « rien ».",
        expected="moins de 10 mots qui veulent dire « rien » par fichier et colonne",
        why="Lus comme des vides, ils ne faussent plus rien ; l'export qui les écrit peut en changer sans prévenir.",
        mend="Réglez l'export pour qu'une valeur absente soit laissée vide.",
        unit="colonne",
        maximum=9,
        profile=f"""
            select
                issue.file_id as source_file_id,
                count(*) as value,
                '« ' || min(issue.file_name) || ' », colonne ' || issue.column_name || ' : ' || fr_int(count(*))
                || ' mots lus comme des vides' as detail
            from quality.field_issue as issue
            inner join quality.delivered_file as file
                on issue.file_id = file.file_id and file.outcome = 'loaded'
            where issue.reason = 'null_word' and not {IS_REPLACED}
            group by issue.file_id, issue.column_name
        """,
    ),
]
