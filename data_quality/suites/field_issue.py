"""Checks of the values of delivered lines: quality.field_issue and conflicting_version, counted in SQL."""

from __future__ import annotations

from data_quality.expectations import LineCheck
from data_quality.profiles import IS_REPLACED


def _issues(said: str, where: str, value: str = "count(*)", also: str = "", having: str = "true") -> str:
    """Profile: one row a loaded file and column (and `also`) whose issues hold `where`; `said` follows their number.

    A file that a later delivery takes the place of is left out.
    """
    return f"""
        select
            issue.file_id as source_file_id,
            {value} as value,
            '« ' || min(issue.file_name) || ' », colonne ' || issue.column_name || ' : ' || fr_int(count(*))
            || {said} as detail
        from quality.field_issue as issue
        inner join quality.delivered_file as file
            on issue.file_id = file.file_id and file.outcome = 'loaded'
        where {where} and not {IS_REPLACED}
        group by issue.file_id, issue.column_name{also}
        having {having}
    """


CHECKS = [
    LineCheck(
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
    LineCheck(
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
        profile=_issues(
            "' valeurs écartées (' || fr_share(count(*) / max(file.lines_accepted)) || ')'",
            "issue.reason = 'invalid_value' and file.lines_accepted > 0",
            value="count(*) / max(file.lines_accepted)",
            having="count(*) >= 10",
        ),
    ),
    LineCheck(
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
    LineCheck(
        code="PN-153",
        table_name="field_issue",
        owner="#APTIC",
        sentence="Aucune livraison ne contient d'erreur d'Excel, de formule non calculée ni de texte abîmé.",
        expected="aucun champ en erreur, non calculé ou lu dans un mauvais encodage",
        why="Le fichier est passé par un logiciel qui l'a abîmé : ce qui se voit n'est souvent qu'une partie.",
        mend="Refaites l'export en UTF-8 depuis l'outil d'origine, sans le rouvrir dans un tableur.",
        unit="colonne",
        profile=_issues(
            """case issue.reason
                when 'error_cell' then ' fois « erreur d''Excel »'
                when 'uncalculated_formula' then ' fois « formule non calculée »'
                else ' fois « texte abîmé »'
            end""",
            "issue.reason in ('error_cell', 'uncalculated_formula', 'damaged_text')",
            also=", issue.reason",
        ),
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
        profile=_issues("' mots lus comme des vides'", "issue.reason = 'null_word'"),
    ),
]
