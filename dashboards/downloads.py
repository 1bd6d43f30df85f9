"""What a page shows, as CSV and XLSX files that say where they come from: date, version, filters, definitions.

A text that a spreadsheet would run as a formula is neutralised (presentation/safe_cells.py). Bytes only, no Streamlit.
Does not live here: which rows (queries.py), what is withheld (protection.py: a withheld count arrives here as null
and reads « secret »).
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from presentation import format_fr
from presentation.french import SUM_PLACES
from presentation.looks import DOWNLOAD
from presentation.safe_cells import neutralise, neutralise_column
from presentation.sentences import DEMO
from presentation.table import Column
from presentation.workbook import plain_workbook

#: A longer list of choices, or name, is cut: file systems stop at 255 bytes, and a folder is read in a column.
_NAMED_CHOICES, _LONGEST_NAME = 2, 140
#: A half goes up, as on the page (presentation/french.py).
HALF_UP: Literal["half_away_from_zero"] = "half_away_from_zero"


def file_name(name: str, as_of: date, filters: Iterable[tuple]) -> str:
    """The name of a file, without its ending: what it holds, the date of the data, the filters (label, text…)."""
    told = [_filter_name(label, text) for label, text, *_ in filters]
    return "_".join([f"pass-numerique_{_slug(name)}", as_of.isoformat(), *told])[:_LONGEST_NAME].rstrip("-_")


def _filter_name(label: str, text: str) -> str:
    several = text.split(", ")
    if len(several) > _NAMED_CHOICES:
        return f"{len(several)}-{_slug(label)}"
    return _slug(text if label in _SAID_BY_THEIR_TEXT else f"{label} {text}")


#: Filters whose text needs no label: « Vincennes », « AMI 1 ».
_SAID_BY_THEIR_TEXT = {"territoires", "lieux", "mesure", "pas de temps", "appel à manifestation d'intérêt"}


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


@dataclass(frozen=True)
class Origin:
    """Where a file comes from, written in it: title, date of the data, version, filters, definitions of figures."""

    title: str
    as_of: date
    version: str
    scope: str
    is_demo: bool
    #: What the figures cover and the filters, as coverage.origin_lines writes them.
    filters: list[tuple[str, str]] = field(default_factory=list)
    definitions: list[tuple[str, str]] = field(default_factory=list)

    def lines(self) -> list[tuple[str, str]]:
        """What the file says of itself, a label and a value a line."""
        demo = [("Avertissement", DEMO)] if self.is_demo else []
        return [
            ("Tableau", self.title),
            *demo,
            ("Données au", format_fr.day(self.as_of)),
            ("Version", self.version),
            ("Périmètre", self.scope),
            *self.filters,
            *(("Définition : " + name, value) for name, value in self.definitions),
        ]


def as_csv(frame: pl.DataFrame, columns: list[Column], origin: Origin) -> bytes:
    """UTF-8 with a byte-order mark, semicolons, decimal commas; lines that start with # say where it comes from."""
    told = (neutralise(_quoted(f"{label} : {value}")) for label, value in origin.lines())
    preamble = "".join(f"# {line}\n" for line in told)
    table = frame.select(_csv_column(frame, column) for column in columns)
    return b"\xef\xbb\xbf" + (preamble + table.write_csv(separator=";")).encode()


def _quoted(text: str) -> str:
    return " ".join(text.split()).replace(";", ",")


def _csv_column(frame: pl.DataFrame, column: Column) -> pl.Expr:
    value = pl.col(column.name)
    kind = frame.schema[column.name]
    if kind == pl.String:
        value = neutralise_column(value)
    elif column.kind == "instant":
        value = value.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Paris").dt.strftime("%d/%m/%Y %H:%M")
    elif kind in (pl.Date, pl.Datetime):
        value = value.dt.strftime("%d/%m/%Y")
    elif kind == pl.Boolean:
        value = pl.when(value).then(pl.lit("oui")).otherwise(pl.lit("non"))
    elif kind.is_numeric():
        value = _rounded(value, column, frame)
    if kind.is_numeric():
        # What is whole has no decimal, « 8420 » beside « 99,9 », whatever its neighbours have.
        value = value.cast(pl.String).str.replace(r"\.0$", "").str.replace(".", ",", literal=True)
    if column.kind_from or column.kind in format_fr.PEOPLE_KINDS:
        of_people = pl.col(column.kind_from).is_in(format_fr.PEOPLE_KINDS) if column.kind_from else pl.lit(True)
        secret = pl.col(column.name).is_null() & of_people
        value = pl.when(secret).then(pl.lit(format_fr.WITHHELD)).otherwise(value)
    return value.alias(column.title)


def _rounded(value: pl.Expr, column: Column, frame: pl.DataFrame) -> pl.Expr:
    """A figure with the decimals that the page writes, as a number, or as a text where the rows have several units."""
    if not column.kind_from:
        kind, exact = format_fr.KINDS[column.kind], value.cast(pl.Float64).round(SUM_PLACES)
        if not kind.digits:
            return exact.round(0, mode=HALF_UP).cast(pl.Int64)
        rounded = exact.round(kind.digits, mode=HALF_UP)
        for size, digits in reversed(kind.digits_from):
            rounded = pl.when(exact.abs() >= size).then(exact.round(digits, mode=HALF_UP)).otherwise(rounded)
        return rounded
    written = pl.lit(None, pl.String)
    for kind in frame[column.kind_from].unique():
        alone = _rounded(value, Column(column.name, "", kind), frame).cast(pl.String)
        written = pl.when(pl.col(column.kind_from) == kind).then(alone).otherwise(written)
    return written


def as_xlsx(frame: pl.DataFrame, columns: list[Column], origin: Origin) -> bytes:
    """A workbook: the sheet « Données » (a table with its filter), and « À propos » (where it comes from)."""
    target = io.BytesIO()
    about = {"title": origin.title, "comments": f"Données au {format_fr.day(origin.as_of)}"}
    with plain_workbook(target, DOWNLOAD, about) as book:
        sheet = book.book.add_worksheet("Données")
        rows = list(zip(*(_excel_values(frame, column) for column in columns), strict=True))
        book.grid(sheet, columns, rows, [column.kinds(frame) for column in columns])
        sheet.freeze_panes(1, 1)
        foot = f"Données au {format_fr.day(origin.as_of)}, version {origin.version}"
        book.to_print(sheet, origin.title, f"{DEMO} {foot}" if origin.is_demo else foot)
        sheet.repeat_rows(0)
        sheet = book.book.add_worksheet("À propos")
        book.to_print(sheet, origin.title, foot)
        book.pairs(sheet, 0, origin.lines(), "head", "plain", width=90)
        sheet.set_column(0, 0, 44)
        sheet.set_column(1, 1, 90)
    return target.getvalue()


def _excel_values(frame: pl.DataFrame, column: Column) -> list:
    series = frame[column.name]
    if series.dtype == pl.Boolean:
        return [format_fr.yes_no(value) for value in series]
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    if series.dtype == pl.String:
        return series.fill_null("").to_list()
    return [
        (format_fr.WITHHELD if kind in format_fr.PEOPLE_KINDS else "") if value is None else value
        for value, kind in zip(series, column.kinds(frame), strict=True)
    ]
