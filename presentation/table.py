"""What a table is: the one description of a column, for pages, workbooks and documents; values, withheld ones marked.

Lives here: reading a mapping file (YAML) and applying it. Not here: CSV (reporting/files), XLSX (workbook.py), HTML
(dashboards/tables.py), what a kind of value looks like (format_fr.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl
import yaml

from presentation.format_fr import KINDS, TEXT_KINDS
from presentation.safe_cells import neutralise_column
from presentation.sentences import PERIOD, START

#: The name of a kind (format_fr.KINDS).
Kind = str
#: Kinds of what is no figure.
_NO_FIGURE = {*TEXT_KINDS, "date", "month", "year", "instant"}
WITHHELD = "s"
#: Span → suffix of the CSV column (which readers know), words of the titles and descriptions.
_SPANS = {"period": ("periode", PERIOD), "cum": ("cumul", START)}


class MappingError(Exception):
    """The mapping file asks for a figure that does not exist; the French message names it and lists those that do."""


#: period: over the months chosen; month: one row a month, of the months chosen; start: since the programme's start,
#: whatever the period; state: as things are at the date of the data, whatever the period.
Span = Literal["period", "month", "start", "state"]


@dataclass(frozen=True)
class Cover:
    """What the figures of one question cover."""

    span: Span
    follows: frozenset[str]

    def obeys(self, key: str) -> bool:
        """Whether a filter applies."""
        return self.span in ("period", "month") if key == "period" else key in self.follows


@dataclass(frozen=True)
class Derived:
    """What figures that are no sum of lines of their own come from: one sentence, and what opens the figures it names
    (label, address: dashboards/provenance.py)."""

    sentence: str
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Column:
    """One column of a table, wherever it is shown: a page, a workbook, a CSV and its schema, a document.

    name: column of the frame shown, and of a CSV; title: its French heading; kind: its writing, its cell, its side
    (format_fr.KINDS). A field that one place alone reads says which.
    """

    name: str
    title: str
    kind: Kind = "text"
    #: Mapping files: column of the figures that fills it (`name` where empty), and boolean column that masks it.
    source: str = ""
    description: str = ""
    mask: str | None = None
    #: Documents: whether it is also in the workbook (codes are for machines).
    in_book: bool = True
    #: Documents: whether a figure of it may be under nought.
    is_signed: bool = False
    #: Workbooks: its width in characters (None: what its values take).
    width: int | None = None
    #: Pages: a missing value is one that does not exist (no target, no projection), never one that is withheld.
    may_miss: bool = False
    #: Pages: an address the cell links to, and the frame's column whose value ends it (null: no link).
    link_to: str = ""
    link_from: str = ""
    #: Pages: the frame's column of the addresses that open what each figure is made of (null: none).
    opens_from: str = ""
    #: Pages: what the figures that open nothing come from; a test refuses a figure that has neither.
    derived: Derived | None = None
    #: The frame's column that names the kind of each row, where the rows differ (a list of indicators).
    kind_from: str = ""
    #: Pages: what its figures cover, since when, and the filters they follow. None for what is no figure.
    cover: Cover | None = None

    @property
    def is_figure(self) -> bool:
        """Whether its values are figures: neither words, nor a day, nor a year or a rank."""
        return self.kind not in _NO_FIGURE or bool(self.kind_from)

    def kinds(self, frame: pl.DataFrame) -> list[str]:
        """The kind of each row of a frame."""
        return frame[self.kind_from].to_list() if self.kind_from else [self.kind] * frame.height


@dataclass(frozen=True)
class Layout:
    """One table of a mapping file: its name (file), sheet, title, the frame it is made from, key and columns."""

    name: str
    sheet: str
    title: str
    frame: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    total: bool = False


@dataclass(frozen=True)
class Table:
    """A layout and its values. values: one column a layout column. withheld: the same names, true where « s »."""

    layout: Layout
    values: pl.DataFrame
    withheld: pl.DataFrame

    def text(self) -> pl.DataFrame:
        """Every value as the CSV writes it: ISO dates, point decimals, « s » where withheld, formulas neutralised."""
        columns = []
        for column in self.layout.columns:
            value = pl.col(column.name)
            if KINDS[column.kind].field == "number" and not column.kind.startswith("euros"):
                shown = value.cast(pl.Float64).round(4).cast(pl.String).str.replace(r"\.0$", "")
            elif column.kind == "text":
                shown = neutralise_column(value.cast(pl.String))
            else:
                shown = value.cast(pl.String)
            hidden = pl.lit(self.withheld[column.name])
            columns.append(pl.when(hidden).then(pl.lit(WITHHELD)).otherwise(shown).alias(column.name))
        return self.values.select(columns)

    @property
    def shown(self) -> list[Column]:
        """The columns of the workbook."""
        return [column for column in self.layout.columns if column.in_book]

    @property
    def withheld_count(self) -> int:
        return sum(int(self.withheld[name].sum()) for name in self.withheld.columns)


def read_layouts(path: Path) -> list[Layout]:
    """The tables a mapping file asks for, in order. A column with `spans: true` becomes two: period and cumulative."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Layout(
            name=item["table"],
            sheet=item["feuille"],
            title=item["titre"],
            frame=item["figures"],
            key=tuple(item["cle"]),
            columns=tuple(column for raw in item["colonnes"] for column in _expand(raw)),
            total=item.get("total", False),
        )
        for item in content["tables"]
    ]


def _expand(raw: dict[str, Any]) -> list[Column]:
    family = raw.get("masque")
    if not raw.get("periode_et_cumul"):
        mask = f"mask_{family}" if family else None
        book = raw.get("classeur", True)
        return [Column(raw["nom"], raw["titre"], raw["type"], raw["figure"], raw.get("description", ""), mask, book)]
    return [
        Column(
            f"{raw['nom']}_{suffix}",
            f"{raw['titre']} ({words})",
            raw["type"],
            f"{raw['figure']}_{span}",
            f"{raw.get('description', raw['titre'])} — {words}",
            f"mask_{family}_{span}" if family else None,
        )
        for span, (suffix, words) in _SPANS.items()
    ]


def fill(layout: Layout, frame: pl.DataFrame) -> Table:
    """The layout with the values of `frame`. Raises MappingError (French) for a figure the frame does not have."""
    for column in layout.columns:
        if column.kind not in KINDS:
            raise MappingError(
                f"Colonne « {column.name} » de la table « {layout.name} » : le type « {column.kind} » n'existe pas. "
                f"Types possibles : {', '.join(KINDS)}."
            )
        source = column.source or column.name
        if source not in frame.columns:
            known = ", ".join(sorted(name for name in frame.columns if not name.startswith("mask_")))
            raise MappingError(
                f"Colonne « {column.name} » de la table « {layout.name} » : "
                f"la figure « {source} » n'existe pas. Figures possibles : {known}."
            )
    values = frame.select(pl.col(column.source or column.name).alias(column.name) for column in layout.columns)
    withheld = frame.select(
        (pl.col(column.mask) if column.mask and column.mask in frame.columns else pl.lit(False))
        .fill_null(False)
        .alias(column.name)
        for column in layout.columns
    )
    return Table(layout, values, withheld if withheld.height == values.height else nothing_withheld(values))


def nothing_withheld(values: pl.DataFrame) -> pl.DataFrame:
    """The `withheld` of a table that has nothing to hide."""
    return pl.DataFrame(
        {name: [False] * values.height for name in values.columns}, schema=dict.fromkeys(values.columns, pl.Boolean)
    )
