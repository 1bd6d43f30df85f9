"""What a bilan changes of the edition that it replaces: the figures kept beside the PDF, and how the PDF tells them.

Does not live here: comparing (reporting/files/changes.py), the other figures of the bilan (content.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from presentation.table import Table
from reporting.figures.publication import Publication
from reporting.figures.tables import INDICATORS, build
from reporting.files import changes
from reporting.files.editions import Edition, superseded
from reporting.files.package import path_of
from reporting.files.replaced import replaced
from warehouse.settings import Home

COLUMNS = Path(__file__).with_name("columns.yaml")
#: Lines that a person goes through on paper; the CSV has them all.
_LONGEST = 40


@dataclass(frozen=True)
class Since:
    """tables: the figures kept, then what moved (changements). told: what moved, a sentence a cause; superseded: the
    editions replaced, one sentence each. number: of the edition compared with, 0 for a first one."""

    tables: tuple[Table, ...]
    told: tuple[str, ...]
    superseded: tuple[str, ...]
    number: int


def since(publication: Publication, before: Sequence[Edition], home: Home) -> Since:
    """What `publication` changes of the last of the editions `before`. Raises MappingError (French)."""
    tables = build(publication, COLUMNS)
    if not before:
        return Since((*tables, changes.nothing()), (), (), 0)
    last = before[-1]
    if not (last.folder / path_of(tables[0].layout.name)).exists():
        unknown = f"L'édition {last.number} ne gardait pas ses chiffres à part : ils ne sont pas comparés un à un."
        return Since((*tables, changes.nothing()), (unknown,), tuple(superseded(before)), last.number)
    source = publication.source
    found = replaced(before, source.version, home, tables, INDICATORS, code=source.code_version)
    return Since((*tables, found.moved), found.told or (_NONE,), found.superseded, last.number)


_NONE = "Aucun des chiffres comparés n'a bougé : une phrase, une projection ou une autre période l'ont fait."


def told_in_pdf(made: Since) -> dict[str, Any]:
    """What the template sets: texts alone."""
    if not made.number:
        return {"since": "", "since_sentences": [], "since_rows": [], "replaces": ""}
    moved = made.tables[-1].values
    more = moved.height - _LONGEST
    cut = [f"Les {_LONGEST} premières sont ci-dessous ; toutes sont dans csv/changements.csv."] if more > 0 else []
    # A measure of the summary is told by its name; a territory is its own.
    names = changes.names_of(made.tables[0])
    line = pl.concat_str(pl.col("ligne").replace(names), pl.lit(", "), "colonne")
    rows = moved.head(_LONGEST).select(line, "avant", "maintenant", "pourquoi")
    return {
        "since": f"Ce qui a changé depuis l'édition {made.number}",
        "since_sentences": [*made.told, *cut, *made.superseded],
        "since_rows": [[line, changes.written(was), changes.written(now), why] for line, was, now, why in rows.rows()],
        "replaces": f"Cette édition remplace l'édition {made.number} : voir « Ce qui a changé ».",
    }
