"""The ANCT export's own tables: its mapping file, and the programme's line under each table of parts.

Does not live here: filling tables (figures/tables.py), the workbook (workbook.py), files and editions (export.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from presentation.table import WITHHELD, Table
from reporting.figures import frames, tables
from reporting.figures.publication import Publication

COLUMNS = Path(__file__).with_name("columns.yaml")


def build(publication: Publication, columns: Path = COLUMNS) -> list[Table]:
    """The tables of the export, in the order of its mapping file. Raises MappingError (French)."""
    return tables.build(publication, columns)


def totals(publication: Publication, table: Table) -> dict[str, Any]:
    """The programme's line under a table of parts: the programme's own figures, withheld where they are."""
    whole = frames.programme(publication).row(0, named=True)
    first = table.layout.columns[0].name
    line: dict[str, Any] = {first: "Programme"}
    for column in table.layout.columns:
        hidden = column.mask is not None and whole.get(column.mask, False)
        if column.source.startswith("state_share"):
            line[column.name] = WITHHELD if hidden else float(table.values[column.name].sum())
        elif column.source in whole:
            line[column.name] = WITHHELD if hidden else whole[column.source]
        elif column.source == "lieux_active_period":
            line[column.name] = frames.active_lieux(publication, publication.period.start)
        elif column.source == "lieux_active_cum":
            line[column.name] = frames.active_lieux(publication, None)
        elif column.source.startswith("session_hours"):
            line[column.name] = WITHHELD if hidden else float(table.values[column.name].sum())
    return line
