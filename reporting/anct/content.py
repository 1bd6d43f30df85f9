"""The ANCT export's own tables: its mapping file, and the totals of its tables of parts, in a table apart.

Does not live here: filling tables (figures/tables.py), the workbook (workbook.py), files and editions (export.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from presentation.table import WITHHELD, Column, Layout, Table
from reporting.figures import frames, tables
from reporting.figures.publication import Publication
from reporting.files.package import Link

COLUMNS = Path(__file__).with_name("columns.yaml")
#: The codes of a table that name the lines of another.
LINKS = (
    Link("territoires", "ept", "epts"),
    Link("territoires_mois", "code_insee", "territoires"),
    Link("publics_territoires", "code_insee", "territoires"),
)
TOTALS = Layout(
    "totaux", "Totaux", "Totaux du programme", "", ("code_tableau", "code_colonne"),
    (
        Column("tableau", "Tableau", description="Titre du tableau"),
        Column("colonne", "Colonne", description="Titre de la colonne"),
        Column("valeur", "Total du programme", "number", description="Le programme entier, « s » : secret statistique"),
        Column("code_tableau", "Code du tableau", description="Nom du fichier CSV"),
        Column("code_colonne", "Code de la colonne", description="Nom de la colonne du CSV"),
    ),
)  # fmt: skip


def build(publication: Publication, columns: Path = COLUMNS) -> list[Table]:
    """The tables of the export, in the order of its mapping file, then their totals. Raises MappingError (French)."""
    own = tables.build(publication, columns)
    return [*own, _totals(publication, [table for table in own if table.layout.total])]


def _totals(publication: Publication, parts: Sequence[Table]) -> Table:
    """Grain: one row per table of parts and column that has a total."""
    rows = [
        (table.layout.title, column.title, None if (value := line[column.name]) == WITHHELD else float(value),
         table.layout.name, column.name, value == WITHHELD)
        for table in parts for line in [totals(publication, table)]
        for column in table.layout.columns if column.name in line
    ]  # fmt: skip
    names = [column.name for column in TOTALS.columns]
    kinds: dict[str, Any] = dict.fromkeys(names, pl.String) | {"valeur": pl.Float64, "hidden": pl.Boolean}
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    hidden = frame.select((pl.col("hidden") if name == "valeur" else pl.lit(False)).alias(name) for name in names)
    return Table(TOTALS, frame.select(names), hidden)


def totals(publication: Publication, table: Table) -> dict[str, Any]:
    """Column of a table of parts → the programme's own figure, « s » where it is withheld."""
    whole = frames.programme(publication).row(0, named=True)
    line: dict[str, Any] = {}
    for column in table.layout.columns:
        hidden = column.mask is not None and whole.get(column.mask, False)
        if column.source.startswith(("state_share", "session_hours")):
            line[column.name] = WITHHELD if hidden else float(table.values[column.name].sum())
        elif column.source in whole:
            line[column.name] = WITHHELD if hidden else whole[column.source]
        elif column.source == "lieux_active_period":
            line[column.name] = frames.active_lieux(publication, publication.period.start)
        elif column.source == "lieux_active_cum":
            line[column.name] = frames.active_lieux(publication, None)
    return line
