"""The data dictionary of the published tables, rendered from dbt's manifest as one French page.

`docs/dictionnaire.md` is its committed output; a test fails when the two differ. `python -m warehouse.build.dictionary`
writes it. Does not live here: the descriptions (dbt_project/models) and the indicators (the dbt seed).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from warehouse.build import history, keys
from warehouse.build.transform import project_manifest
from warehouse.settings import DBT_PROJECT, ROOT

DICTIONARY = ROOT / "docs" / "dictionnaire.md"
SCHEMAS = {
    "core": "Schéma `core` : les faits et les dimensions (analystes)",
    "proof": "Schéma `proof` : la preuve, d'où vient chaque chiffre (analystes)",
    "marts": "Schéma `marts` : les tableaux publiés (pages et exports)",
    "main": "Schéma `main` : les fonctions (analystes)",
    "quality": "Schéma `quality` : les fichiers reçus et les contrôles",
}

#: Tables that the publication writes beside dbt's, described as dbt describes its own.
_KEPT = [
    {
        "name": table,
        "description": meaning,
        "columns": {
            name: {"name": name, "data_type": kind.lower(), "description": description}
            for name, (kind, description) in columns.items()
        },
    }
    for table, (meaning, columns) in {**history.TABLES, keys.TABLE: keys.MEANING}.items()
]


def render(manifest: dict[str, Any]) -> str:
    """The dictionary as Markdown: the indicators, then each published table with its columns."""
    parts = [
        "# Dictionnaire des données",
        "",
        "Page produite par `make dictionary` à partir des modèles dbt : ne pas la modifier à la main.",
        "",
        *_indicators(),
    ]
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    joins = keys.told_columns(keys.keys_of(manifest))
    for schema, title in SCHEMAS.items():
        parts += ["", f"## {title}"]
        described = [*(n for n in models if n["schema"] == schema), *(_KEPT if schema == "quality" else ())]
        for node in sorted(described, key=lambda n: n["name"]):
            parts += _table(schema, node, joins)
    return "\n".join(parts) + "\n"


def _indicators() -> list[str]:
    with (DBT_PROJECT / "seeds" / "indicator_dictionary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    others = "## Mesures publiées qui ne sont pas des indicateurs du programme"
    return [
        *_words("## Indicateurs", (row for row in rows if row["rank"])),
        "",
        *_words(others, (row for row in rows if not row["rank"])),
    ]


def _words(title: str, rows: Iterable[dict[str, str]]) -> list[str]:
    lines = [title, "", "| code | libellé | définition | formule | unité |", "|---|---|---|---|---|"]
    lines += [f"| `{r['code']}` | {r['label']} | {r['definition']} | {r['formula']} | {r['unit']} |" for r in rows]
    return lines


def _table(schema: str, node: dict[str, Any], joins: dict[tuple[str, str], str]) -> list[str]:
    table = f"{schema}.{node['name']}"
    lines = [
        "",
        f"### {table}",
        "",
        node["description"],
        "",
        "| colonne | type | sens |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {column['data_type']} | {_cell(column['description'], joins.get((table, name), ''))} |"
        for name, column in node["columns"].items()
    ]
    return lines


def _cell(*sentences: str) -> str:
    return " ".join(filter(None, sentences)).replace("|", r"\|")


if __name__ == "__main__":
    DICTIONARY.write_text(render(project_manifest()), encoding="utf-8")
