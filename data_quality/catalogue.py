"""The catalogue of the checks, rendered from their code as one French page.

`docs/controles.md` is its committed output; a test fails when the two differ. `python -m data_quality.catalogue`
writes it. Does not live here: the checks (suites/), those of dbt (dbt_project/, codes below PN-400).
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path

from data_quality.context import GateContext
from data_quality.expectations import Check, TableCheck
from data_quality.nature import natures
from data_quality.registry import all_checks

#: The settings as the project ships them: what the page shows.
_DEFAULTS = GateContext(as_of=date.min)
CATALOGUE = Path(__file__).parents[1] / "docs" / "controles.md"

_HEAD = """# Les contrôles de vraisemblance

Page produite par `python -m data_quality.catalogue` à partir de `data_quality/suites/` : ne pas la modifier à la main.

Avant chaque publication, {count} contrôles (Great Expectations) jugent la version candidate, après les clés
(PN-1xx), les relations (PN-2xx) et les identités comptables (PN-3xx) que dbt vérifie.

- **bloquant** : en échec, la version candidate est refusée (code de sortie 3) et la dernière bonne version reste en
  ligne. Bloquent : une identité, une clé, une relation, une table vidée, trop de lignes rejetées dans une livraison
  (réglage `max_rejected_share`).
- **avertissement** : la version est publiée avec l'avertissement ; il dit qui doit agir.
- Un contrôle qui n'a pas pu être fait est une **erreur** du contrôle : ni réussi, ni en échec. S'il est bloquant,
  il refuse.

Deux façons de juger, que la colonne « attente » nomme :

- **{tables} contrôles de tables** (fichiers, lieux, territoires, mois, écritures…) : les attentes de Great Expectations
  elles-mêmes, sur les colonnes de la table jugée ; « où » donne les lignes concernées (`row_condition`).
- **{lines} contrôles de lignes** (utilisations, prescriptions, carnets, valeurs livrées) : trop nombreuses pour quitter
  DuckDB, elles y sont comptées ; Great Expectations juge le nombre d'unités en défaut, et seules celles-là sont lues.

Les résultats de tous les passages, publiés ou refusés, sont dans `quality.check_result` ; ce qui est en défaut
(lieu, prescripteur, fichier, lignes, pass, euros, heures) est dans `quality.check_failure`. La même chose en une page :
`reports/data_docs/index.html` du dossier de données.

Débloquer une livraison dont les rejets ont été examinés : inscrire son identité dans `accepted_deliveries`
(`programme/programme.yaml`). PN-403 continue de la nommer.

Temps de processeur ajouté à un passage par ces contrôles (`python benchmarks/checks.py ENTREPÔT [26]`) : 1,3 s à
38 000 carnets, 12 s à 988 000, et 2 s pour charger Great Expectations.
"""


def render(checks: list[Check]) -> str:
    """The page as Markdown: the rules of the gate, the checks of each table of the warehouse, the tables judged."""
    tables = sum(isinstance(check, TableCheck) for check in checks)
    parts = [_HEAD.format(count=len(checks), tables=tables, lines=len(checks) - tables)]
    by_table = sorted(checks, key=lambda check: (check.table_name, check.code))
    for table, group in groupby(by_table, key=lambda check: check.table_name):
        parts += [
            f"\n## {table}\n",
            "| code | contrôle | attendu | attente | pourquoi ce seuil | comment corriger | gravité | qui agit |",
            "|---|---|---|---|---|---|---|---|",
            *(
                f"| {c.code} | {c.sentence} | {_cell(c.expected_in(_DEFAULTS))} | {_expectations(c)} | {_cell(c.why)} "
                f"| {_cell(c.mend)} | {c.severity} | {c.owner} |"
                for c in group
            ),
        ]
    judged = {check.table.name: check.table.grain for check in checks if isinstance(check, TableCheck)}
    parts += [
        "\n## Les tables jugées\n",
        "| table | une ligne |",
        "|---|---|",
        *(f"| {name} | {grain} |" for name, grain in sorted(judged.items())),
    ]
    return "\n".join(parts) + "\n"


def _expectations(check: Check) -> str:
    return "<br>".join(
        f"{nature.table} : `{nature.type}` ({nature.gloss}) sur "
        + ", ".join(f"`{column}`" for column in nature.columns)
        + (f", où {nature.where}" if nature.where else "")
        for nature in natures(check)
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    CATALOGUE.write_text(render(all_checks()), encoding="utf-8")
