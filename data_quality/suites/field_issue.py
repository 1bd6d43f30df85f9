"""Checks of the values of delivered lines: quality.field_issue and conflicting_version, counted in SQL."""

from __future__ import annotations

from data_quality.expectations import LineCheck
from data_quality.profiles import IS_REPLACED

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
]
