"""A text from a received file never runs as a formula."""

from __future__ import annotations

import io
import zipfile

import polars as pl
import pytest
import xlsxwriter

from presentation.safe_cells import SAFE_WORKBOOK, neutralise, neutralise_column, write_text

DANGEROUS = [
    "=1+1", "+33612345678x", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1", " =HYPERLINK(\"http://x\")", "\u00a0=1", "＝1+1",
    "=cmd|' /C calc'!A0", "%0A=1", "|calc", "-", "\u200b=1",
]  # fmt: skip
HARMLESS = ["", "Médiathèque", "12,50", "-12,50", "+3", "- 1 234,5"[2:], "93???", "a=b", "U-0001", "0012"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_looks_like_a_formula_is_shown_and_not_run(text: str) -> None:
    assert neutralise(text).startswith("'")


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert neutralise(text) == text


def test_a_control_character_is_dropped_and_nothing_is_an_empty_cell() -> None:
    assert neutralise("a\x00b\x1b[31m") == "ab[31m"
    assert neutralise("\x00=1") == "'=1"
    assert neutralise(None) == ""


def test_the_column_says_the_same_as_the_text() -> None:
    texts = [*DANGEROUS, *HARMLESS, "\x00=1"]
    frame = pl.DataFrame({"text": [*texts, None]}).select(neutralise_column(pl.col("text")))
    assert frame["text"].to_list() == [*map(neutralise, texts), None]


def test_a_workbook_holds_texts_and_no_formula_nor_link() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, SAFE_WORKBOOK) as book:
        sheet = book.add_worksheet()
        for row, text in enumerate([*DANGEROUS, "http://x.example", None, "x" * 40_000]):
            write_text(sheet, row, 0, text)
            sheet.write(row, 1, text)
    with zipfile.ZipFile(buffer) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    assert "=1+1" in strings
