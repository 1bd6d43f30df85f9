"""What a page shows, as CSV and XLSX files that say where they come from: date, version, filters, definitions.

A text that a spreadsheet would run as a formula is neutralised (presentation/safe_cells.py). Bytes only, no Streamlit.
Does not live here: which rows (queries.py), what is withheld (protection.py: a withheld count arrives here as null
and reads « secret »).
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date

import polars as pl
import xlsxwriter

from dashboards.tables import Column
from presentation import format_fr
from presentation.safe_cells import SAFE_WORKBOOK, neutralise_column

NUMBER_FORMATS = {
    "integer": "#,##0",
    "people": "#,##0",
    "euros": '#,##0.00" €"',
    "euros_round": '#,##0.00" €"',
    "hours": '#,##0.0" h"',
    "hours_round": '#,##0" h"',
    "decimal": "#,##0.0",
    "percent": "0.0%",
    "people_percent": "0.0%",
    "day": "dd/mm/yyyy",
    "month": "mm/yyyy",
    "instant": "dd/mm/yyyy hh:mm",
}


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
        demo = (
            [("Avertissement", "Données de démonstration : ces chiffres n'ont pas de valeur.")] if self.is_demo else []
        )
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
    preamble = "".join(f"# {_quoted(f'{label} : {value}')}\n" for label, value in origin.lines())
    table = frame.select(_csv_column(frame, column) for column in columns)
    return b"\xef\xbb\xbf" + (preamble + table.write_csv(separator=";", decimal_comma=True)).encode()


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
    elif kind.is_decimal():
        value = value.cast(pl.Float64)
    if column.kind_from or column.kind in format_fr.PEOPLE_KINDS:
        text = value.cast(pl.String).str.replace(r"\.", ",")
        of_people = pl.col(column.kind_from).is_in(format_fr.PEOPLE_KINDS) if column.kind_from else pl.lit(True)
        secret = pl.col(column.name).is_null() & of_people
        value = pl.when(secret).then(pl.lit(format_fr.WITHHELD)).otherwise(text)
    return value.alias(column.label)


def as_xlsx(frame: pl.DataFrame, columns: list[Column], origin: Origin) -> bytes:
    """A workbook: the sheet « Données » (a table with its filter), and « À propos » (where it comes from)."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, SAFE_WORKBOOK | {"in_memory": True}) as book:
        book.set_properties({"title": origin.title, "comments": f"Données au {format_fr.day(origin.as_of)}"})
        bold = book.add_format({"bold": True, "bg_color": "#E3EDEF", "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Données")
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column.label, bold)
            values = _excel_values(frame, column)
            kinds = frame[column.kind_from].to_list() if column.kind_from else [column.kind] * len(values)
            styles = {
                kind: book.add_format({"num_format": NUMBER_FORMATS.get(kind.removeprefix("signed_"), "General")})
                for kind in set(kinds)
            }
            for line, (value, kind) in enumerate(zip(values, kinds, strict=True), 1):
                sheet.write(line, position, value, styles[kind])
            widest = max([len(str(value)) for value in values] + [len(column.label) // 2, 9])
            sheet.set_column(position, position, min(widest + 3, 60))
        sheet.freeze_panes(1, 1)
        if frame.height:
            sheet.autofilter(0, 0, frame.height, len(columns) - 1)
        about = book.add_worksheet("À propos")
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        for line, (label, value) in enumerate(origin.lines()):
            about.write_string(line, 0, label, bold)
            about.write_string(line, 1, value, wrap)
        about.set_column(0, 0, 34)
        about.set_column(1, 1, 90)
    return target.getvalue()


def _excel_values(frame: pl.DataFrame, column: Column) -> list:
    series = frame[column.name]
    if series.dtype == pl.Boolean:
        return [format_fr.yes_no(value) for value in series]
    if series.dtype.is_decimal():
        series = series.cast(pl.Float64)
    if series.dtype == pl.String:
        return series.fill_null("").to_list()
    kinds = frame[column.kind_from].to_list() if column.kind_from else [column.kind] * len(series)
    return [
        (format_fr.WITHHELD if kind in format_fr.PEOPLE_KINDS else "") if value is None else value
        for value, kind in zip(series, kinds, strict=True)
    ]
