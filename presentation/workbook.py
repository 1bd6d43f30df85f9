"""The one writer of workbooks: cells typed as what they are, grids to work on, tables and pages to print.

Does not live here: how cells look (looks.py), which sheets a workbook has (reporting/, dashboards/).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from textwrap import wrap
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from presentation.format_fr import KINDS, LEFT_KINDS
from presentation.looks import DOCUMENT, Look
from presentation.safe_cells import SAFE_WORKBOOK, write_text
from presentation.table import WITHHELD, Column, Table

COMPANY = "Métropole du Grand Paris"
_WIDEST, _ALERT_WIDTH = 60, 6
#: Characters of a column of numbers or of dates; amounts to the cent need more.
_WIDTH, _WIDTHS = 12, {"euros": 16, "share": 11}
#: Inches: left and right; above and below the cells; from the edge to the head and the foot. A line of either is 0.2.
_SIDE_MARGINS, _HEAD_MARGINS = (0.4, 0.4), (0.75, 0.75)
_HEAD_OPTIONS = {"margin": 0.3, "scale_with_doc": False}
#: A head or a foot holds 255 characters, its codes among them.
_LONGEST_HEAD = 180
Style = Any  # xlsxwriter's Format


def text_height(cells: Iterable[tuple[Any, int]]) -> float:
    """Points for the longest text of the cells (value, width in characters), twelve lines at most."""
    lines = max((ceil(len(text) * 1.15 / width) for text, width in cells if isinstance(text, str)), default=1)
    return 15.0 * min(max(lines, 1), 12)


def _is_text(column: Column) -> bool:
    """Whether its values are words: a look may have kinds of its own, which are (« wrap »)."""
    return bool(column.kind_from) or column.kind not in KINDS or KINDS[column.kind].is_text


def _width(column: Column, values: list[Any]) -> int:
    """The width of a column, in characters: of its texts, or of its kind; of the longest word of its heading."""
    texts = [len(value) for value in values if isinstance(value, str)]
    own = 9 if column.kind == "year" else _WIDTHS.get(column.kind, _WIDTH)
    if _is_text(column) and not column.kind_from:
        own = max([*texts, 9]) + 3
    return min(max([own, *(len(word) + 5 for word in column.title.split())]), _WIDEST)


class Writer:
    """A workbook under way, in one look: every cell of every workbook is written here."""

    def __init__(self, book: xlsxwriter.Workbook, look: Look) -> None:
        self.book = book
        self.styles: dict[str, Style] = {name: book.add_format(dict(form)) for name, form in look.styles.items()}
        self.kinds: dict[str, Style] = {kind: book.add_format(dict(form)) for kind, form in look.kinds.items()}

    def cell(self, sheet: Worksheet, row: int, number: int, value: Any, style: Style) -> None:
        """A value as what it is: a date, a number, a text that never runs; None and the empty text are a blank."""
        if isinstance(value, date):
            sheet.write_datetime(row, number, value, style)
        elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            sheet.write_number(row, number, float(value), style)
        else:
            write_text(sheet, row, number, value, style)

    def pairs(
        self, sheet: Worksheet, row: int, pairs: Iterable[tuple[str, str]], label: str, text: str, width: int = 0
    ) -> None:
        """A label and a text a line, from `row` on; `label`, `text`: the names of their styles. `width`: of the texts,
        in characters, where rows are to be as high as those need."""
        for offset, (name, value) in enumerate(pairs):
            if width:
                sheet.set_row(row + offset, text_height([(value, width)]))
            write_text(sheet, row + offset, 0, name, self.styles[label])
            write_text(sheet, row + offset, 1, value, self.styles[text])

    def grid(
        self,
        sheet: Worksheet,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        kinds: Sequence[Sequence[str]] | None = None,
    ) -> None:
        """Headings in the first row, a row of cells each after it, with the filter of the headings.

        kinds: of each column, the kind of each row, where rows differ. Where every column has its width, rows are as
        high as their longest text needs: not every program does it. The row of the headings always is.
        """
        wide = []
        widths = [column.width for column in columns if column.width]
        if len(widths) == len(columns):
            for line, row in enumerate(rows, 1):
                sheet.set_row(line, text_height(zip(row, widths, strict=True)))
        for number, column in enumerate(columns):
            style = "head" if _is_text(column) or number == 0 else "head_right"
            write_text(sheet, 0, number, column.title, self.styles[style])
            own = kinds[number] if kinds is not None else [column.kind] * len(rows)
            for line, (row, kind) in enumerate(zip(rows, own, strict=True), 1):
                self.cell(sheet, line, number, row[number], self.kinds[kind])
            wide.append(column.width or _width(column, [row[number] for row in rows]))
            sheet.set_column(number, number, wide[-1])
        # A heading has the arrow of its filter beside its last word, and is bold.
        sheet.set_row(
            0, text_height((column.title, max(size - 2, 4)) for column, size in zip(columns, wide, strict=True))
        )
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)

    def head(self, sheet: Worksheet, head: str) -> None:
        """What stands above every printed page of a sheet."""
        sheet.set_header(f"&L&9{_as_text(head)}", _HEAD_OPTIONS)

    def to_print(self, sheet: Worksheet, head: str, foot: str, *, landscape: bool = True, across: int = 1) -> None:
        """A4, as wide as the page. The margin above holds the head: LibreOffice writes it over the cells otherwise."""
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(across, 0)
        sheet.set_margins(*_SIDE_MARGINS, *_HEAD_MARGINS)
        self.head(sheet, head)
        sheet.set_footer(f"&L&8{_as_text(foot)}&R&8&P / &N", _HEAD_OPTIONS)


def _as_text(words: str) -> str:
    """In a header or a footer, « & » begins a code, and a digit after a size would be read as part of it."""
    return " " + words.replace("&", "&&")[:_LONGEST_HEAD]


class Book(Writer):
    """A document under way: `sheet` adds a sheet to print, `table` and `heading` fill it."""

    def __init__(self, book: xlsxwriter.Workbook, footer: str) -> None:
        super().__init__(book, DOCUMENT)
        self.footer = footer

    def sheet(self, name: str, *, landscape: bool = True, wide: bool = False, across: int = 1) -> Worksheet:
        """A new sheet, set up to be printed on A4, or A3 when `wide`, `across` pages side by side."""
        sheet = self.book.add_worksheet(name)
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(8 if wide else 9)
        sheet.fit_to_pages(across, 0)
        sheet.set_margins(*_SIDE_MARGINS, *_HEAD_MARGINS)
        sheet.hide_gridlines(2)
        sheet.set_footer(f"&L&8{_as_text(self.footer)}&R&8&P / &N", _HEAD_OPTIONS)
        return sheet

    def heading(
        self, sheet: Worksheet, title: str, notes: Sequence[str] = (), alert: str = "", columns: int = 1
    ) -> int:
        """Title, notes and an alert at the top, on as many columns as the sheet has, six at most: more would widen its
        page. Returns the first free row."""
        write_text(sheet, 0, 0, title, self.styles["title"])
        sheet.set_row(0, 22)
        row = 1
        if alert:
            for column in range(min(columns, _ALERT_WIDTH)):
                write_text(sheet, row, column, alert if column == 0 else None, self.styles["alert"])
            row += 1
        for note in notes:
            write_text(sheet, row, 0, note, self.styles["note"])
            row += 1
        return row + 1

    def table(self, sheet: Worksheet, row: int, table: Table, totals: dict[str, Any] | None = None) -> int:
        """Write the table from `row` on, header frozen and filtered. totals: column → value of a last bold line
        (WITHHELD where the total is). Returns the first free row."""
        columns = table.shown
        for number, column in enumerate(columns):
            write_text(
                sheet,
                row,
                number,
                column.title,
                self.styles["head" if column.kind in LEFT_KINDS else "head_right"],
            )
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
                style = self.styles["total_hidden"] if value == WITHHELD else self.styles[f"total_{column.kind}"]
                self.cell(sheet, last, number, value, style)
        return last + 2

    def freeze(self, sheet: Worksheet, row: int, column: int) -> None:
        """Keep the header at `row` and the first columns in view, and repeat the header on every printed page."""
        sheet.freeze_panes(row + 1, column)
        sheet.repeat_rows(row)

    def _column(self, sheet: Worksheet, row: int, number: int, column: Column, table: Table) -> int:
        """Write the values of a column. Returns its width, in characters."""
        values, hidden = table.values[column.name].to_list(), table.withheld[column.name].to_list()
        longest = max((len(str(v)) for v in values if v is not None), default=8) if column.kind == "text" else 0
        width = min(max(longest + 3, 9), _WIDEST) if column.kind == "text" else _WIDTHS.get(column.kind, _WIDTH)
        width = max(width, min(14, 2 + max(map(len, column.title.split()))))
        sheet.set_column(number, number, width)
        style = self.styles["wrap"] if longest + 3 > _WIDEST else self.kinds[column.kind]
        for offset, (value, is_hidden) in enumerate(zip(values, hidden, strict=True)):
            if is_hidden:
                write_text(sheet, row + offset, number, WITHHELD, self.styles["hidden"])
            else:
                self.cell(sheet, row + offset, number, value, style)
        return width

    def _heights(self, sheet: Worksheet, row: int, table: Table) -> None:
        """Room for texts on several lines: LibreOffice does not make it by itself."""
        texts = [pl.col(column.name).cast(pl.String).str.len_chars() for column in table.shown if column.kind == "text"]
        if not texts:
            return
        lengths = table.values.select(longest=pl.max_horizontal(texts)).with_row_index("offset")
        for offset, longest in lengths.filter(pl.col("longest") > _WIDEST - 3).rows():
            self.height(sheet, row + offset, longest, _WIDEST)

    def height(self, sheet: Worksheet, row: int, characters: int, width: int) -> None:
        """The height of a row that holds a wrapped text of so many characters, in a column of that width."""
        sheet.set_row(row, 13.5 * max(1, -(-characters * 11 // (width * 10))))


@contextmanager
def workbook(buffer: io.BytesIO, title: str, footer: str, made_at: datetime) -> Iterator[Book]:
    """A document whose bytes depend on its content alone: its date is that of the data's publication."""
    with xlsxwriter.Workbook(buffer, {**SAFE_WORKBOOK, "in_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        book.set_properties({"title": title, "company": COMPANY, "created": made_at.replace(tzinfo=None)})
        book.set_size(2400, 1500)
        yield Book(book, footer)


@contextmanager
def plain_workbook(buffer: io.BytesIO, look: Look, properties: dict[str, str]) -> Iterator[Writer]:
    """A workbook to work on. properties: xlsxwriter's, as title."""
    with xlsxwriter.Workbook(buffer, {**SAFE_WORKBOOK, "in_memory": True}) as book:
        book.set_properties(properties)
        yield Writer(book, look)
