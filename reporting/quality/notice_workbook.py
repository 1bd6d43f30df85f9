"""The letter of a structure as a workbook to fill in and send back: one line a session or prescription, each with what
to do. Does not live here: the points (notice.py)."""

from __future__ import annotations

import io

import polars as pl

from presentation.looks import LIST
from presentation.safe_cells import write_text
from presentation.table import Column
from presentation.workbook import COMPANY, plain_workbook
from reporting.quality.notice import Item, Notice, written_at
from reporting.quality.workbook import MAX_LINES

_COLUMNS = (
    ("Point", 30, "wrap"), ("Séance ou prescription", 17, "wrap"), ("Numéro", 18, "wrap"),
    ("Service ou lot", 26, "wrap"), ("Territoire", 18, "wrap"), ("Montant", 11, "euros"), ("Relevé", 34, "wrap"),
    ("À faire", 60, "wrap"), ("Avant le", 12, "date"), ("Votre réponse", 40, "wrap"),
)  # fmt: skip


def write_notice_workbook(notice: Notice) -> bytes:
    """The XLSX file, one sheet; texts are typed as text, none runs as a formula."""
    buffer = io.BytesIO()
    rows = [row for item in notice.items for row in _rows(item)][:MAX_LINES]
    with plain_workbook(buffer, LIST, {"title": notice.subject, "company": COMPANY}) as book:
        sheet = book.book.add_worksheet("À vérifier")
        sheet.freeze_panes(1, 0)
        book.to_print(sheet, notice.name, notice.footer[-1])
        sheet.repeat_rows(0)
        book.grid(sheet, [Column(title, title, kind, width=width) for title, width, kind in _COLUMNS], rows)
        if not rows:
            write_text(sheet, 1, 0, notice.title, book.kinds["wrap"])
    return buffer.getvalue()


def _rows(item: Item) -> list[tuple[object, ...]]:
    """A line a session or prescription, then a line a finding that names none."""
    seen = item.all_rows.select(
        pl.lit(item.title).alias("title"), written_at(), "number", "what", "place", "amount_eur", "note",
        pl.lit(item.do).alias("do"), pl.lit(item.due).alias("due"), pl.lit("").alias("answer"),
    )  # fmt: skip
    found = [(item.title, "", "", "", "", None, said, item.do, item.due, "") for said in item.found]
    return [*seen.rows(), *found]
