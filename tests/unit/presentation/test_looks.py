"""The looks of workbooks: what a program does with the formats, read in the file."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

import pytest

from presentation.looks import DOCUMENT, DOWNLOAD, LIST, Look
from presentation.workbook import plain_workbook, workbook


@pytest.mark.parametrize("look", [DOCUMENT, LIST, DOWNLOAD], ids=["document", "list", "download"])
def test_what_is_set_in_says_its_side(look: Look) -> None:
    """« 615,00 € » touched the SIREN after it: a program sets nothing in that has no side of its own, and xlsxwriter
    gives none to a cell whose text is at the top."""
    buffer = io.BytesIO()
    with plain_workbook(buffer, look, {}) as book:
        sheet = book.book.add_worksheet("Feuille")
        for place, style in enumerate([*book.styles.values(), *book.kinds.values()]):
            sheet.write_string(place, 0, "texte", style)
    with zipfile.ZipFile(buffer) as archive:
        styles = archive.read("xl/styles.xml").decode()
    set_in = [found for found in re.findall(r"<alignment[^>]*>", styles) if "indent" in found]
    assert set_in and all('horizontal="left"' in found for found in set_in)


def test_a_day_stands_under_its_heading_as_a_text_does() -> None:
    """At the right of its cell, « 01/04/2022 » touched the code after it."""
    sides = {kind: DOCUMENT.kinds[kind].get("align") for kind in ("text", "date", "month", "integer")}
    assert sides == {"text": "left", "date": "left", "month": "left", "integer": None}


def test_an_alert_is_no_wider_than_its_sheet() -> None:
    """Six columns of amber beside a table of two made its page a third smaller."""
    buffer = io.BytesIO()
    with workbook(buffer, "Titre", "Pied", datetime(2023, 1, 1)) as book:
        for columns in (2, 9):
            book.heading(book.sheet(f"F{columns}"), "Titre", alert="Alerte", columns=columns)
    with zipfile.ZipFile(buffer) as archive:
        sizes = [
            re.findall(r'<dimension ref="A1:([A-Z]+)\d+"', archive.read(f"xl/worksheets/sheet{rank}.xml").decode())
            for rank in (1, 2)
        ]
    assert sizes == [["B"], ["F"]]
