"""Sheets for people: styles, a table as a sheet, a page of text. Does not live here: which sheets a document has."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from textwrap import wrap
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from presentation.safe_cells import SAFE_WORKBOOK, write_text
from presentation.table import WITHHELD, Column, Table

NAVY, PALE, GREY, AMBER = "#10243E", "#E8EEF5", "#6B7280", "#FFF4CC"
_FORMATS = {
    "integer": "#,##0",
    "hours": "#,##0.0",
    "number": "#,##0.##",
    "euros": "#,##0.00\\ €",
    "share": "0.0\\ %",
    "date": "dd/mm/yyyy",
    "text": "@",
}
_WIDEST, _ALERT_WIDTH = 60, 6
_AT_LEFT = ("text", "date")
_WIDTHS = {"integer": 12, "hours": 12, "number": 12, "euros": 16, "share": 11, "date": 12}


class Book:
    """A workbook under way: `sheet` adds one, `table` and `text` fill it."""

    def __init__(self, book: xlsxwriter.Workbook, footer: str) -> None:
        self.book = book
        self.footer = footer
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
        self.title = book.add_format({**base, "bold": True, "font_size": 15, "font_color": NAVY})
        self.head = book.add_format(
            {**base, "bold": True, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True, "valign": "vcenter"}
        )
        # Over numbers, at the right as they are; a text beside a number keeps its distance.
        self.head_right = book.add_format(
            {
                **base,
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": NAVY,
                "text_wrap": True,
                "valign": "vcenter",
                "align": "right",
            }
        )
        self.note = book.add_format({**base, "font_color": GREY, "italic": True})
        self.alert = book.add_format({**base, "bold": True, "bg_color": AMBER})
        self.bold = book.add_format({**base, "bold": True})
        self.wrap = book.add_format({**base, "text_wrap": True, "indent": 1})
        sides = {kind: {"indent": 1} if kind == "text" else {} for kind in _FORMATS}
        self.plain = {kind: book.add_format({**base, **sides[kind], "num_format": f}) for kind, f in _FORMATS.items()}
        self.total = {
            kind: book.add_format({**base, **sides[kind], "num_format": f, "bold": True, "bg_color": PALE, "top": 1})
            for kind, f in _FORMATS.items()
        }
        self.total_hidden = book.add_format({**base, "align": "right", "bold": True, "bg_color": PALE, "top": 1})
        self.hidden = book.add_format({**base, "align": "right", "font_color": GREY, "italic": True})

    def sheet(self, name: str, *, landscape: bool = True, wide: bool = False, across: int = 1) -> Worksheet:
        """A new sheet, set up to be printed on A4, or A3 when `wide`, `across` pages side by side."""
        sheet = self.book.add_worksheet(name)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(8 if wide else 9)
        sheet.fit_to_pages(across, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&8{self.footer.replace('&', '&&')}&R&8&P / &N")
        return sheet

    def heading(self, sheet: Worksheet, title: str, notes: Sequence[str] = (), alert: str = "") -> int:
        """Title, notes and an alert at the top. Returns the first free row."""
        write_text(sheet, 0, 0, title, self.title)
        sheet.set_row(0, 22)
        row = 1
        if alert:
            for column in range(_ALERT_WIDTH):
                write_text(sheet, row, column, alert if column == 0 else None, self.alert)
            row += 1
        for note in notes:
            write_text(sheet, row, 0, note, self.note)
            row += 1
        return row + 1

    def table(self, sheet: Worksheet, row: int, table: Table, totals: dict[str, Any] | None = None) -> int:
        """Write the table from `row` on, header frozen and filtered. totals: column → value of a last bold line
        (WITHHELD where the total is). Returns the first free row."""
        columns = table.shown
        for number, column in enumerate(columns):
            write_text(sheet, row, number, column.title, self.head if column.kind in _AT_LEFT else self.head_right)
        widths = [self._column(sheet, row + 1, number, column, table) for number, column in enumerate(columns)]
        lines = (len(wrap(column.title, width - 2)) for column, width in zip(columns, widths, strict=True))
        sheet.set_row(row, 15 * max(3, *lines))
        self._heights(sheet, row + 1, table)
        last = row + table.values.height
        if table.values.height:
            sheet.autofilter(row, 0, last, len(columns) - 1)
        if totals:
            last += 1
            for number, column in enumerate(columns):
                value = totals.get(column.name)
                style = self.total_hidden if value == WITHHELD else self.total[column.kind]
                self._cell(sheet, last, number, column, value, style)
        return last + 2

    def freeze(self, sheet: Worksheet, row: int, column: int) -> None:
        """Keep the header at `row` and the first columns in view, and repeat the header on every printed page."""
        sheet.freeze_panes(row + 1, column)
        sheet.repeat_rows(row)

    def _column(self, sheet: Worksheet, row: int, number: int, column: Column, table: Table) -> int:
        """Write the values of a column. Returns its width, in characters."""
        values, hidden = table.values[column.name].to_list(), table.withheld[column.name].to_list()
        longest = max((len(str(v)) for v in values if v is not None), default=8) if column.kind == "text" else 0
        width = min(max(longest + 3, 9), _WIDEST) if column.kind == "text" else _WIDTHS[column.kind]
        width = max(width, min(14, 2 + max(map(len, column.title.split()))))
        sheet.set_column(number, number, width)
        style = self.wrap if longest + 3 > _WIDEST else self.plain[column.kind]
        for offset, (value, is_hidden) in enumerate(zip(values, hidden, strict=True)):
            if is_hidden:
                write_text(sheet, row + offset, number, WITHHELD, self.hidden)
            else:
                self._cell(sheet, row + offset, number, column, value, style)
        return width

    def _heights(self, sheet: Worksheet, row: int, table: Table) -> None:
        """Room for texts on several lines: LibreOffice does not make it by itself."""
        texts = [pl.col(column.name).cast(pl.String).str.len_chars() for column in table.shown if column.kind == "text"]
        if not texts:
            return
        lengths = table.values.select(longest=pl.max_horizontal(texts)).with_row_index("offset")
        for offset, longest in lengths.filter(pl.col("longest") + 3 > _WIDEST).rows():
            self.height(sheet, row + offset, longest, _WIDEST)

    def height(self, sheet: Worksheet, row: int, characters: int, width: int) -> None:
        """The height of a row that holds a wrapped text of so many characters, in a column of that width."""
        sheet.set_row(row, 13.5 * max(1, -(-characters * 11 // (width * 10))))

    def _cell(self, sheet: Worksheet, row: int, number: int, column: Column, value: Any, style: Any) -> None:
        if value is None or isinstance(value, str):
            write_text(sheet, row, number, value, style)
        elif column.kind == "date":
            sheet.write_datetime(row, number, value, style)
        else:
            sheet.write_number(row, number, float(value), style)


@contextmanager
def workbook(buffer: io.BytesIO, title: str, footer: str, made_at: datetime) -> Iterator[Book]:
    """A workbook whose bytes depend on its content alone: its date is that of the data's publication."""
    with xlsxwriter.Workbook(buffer, {**SAFE_WORKBOOK, "in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties(
            {"title": title, "company": "Métropole du Grand Paris", "created": made_at.replace(tzinfo=None)}
        )
        book.set_size(2400, 1500)
        yield Book(book, footer)
