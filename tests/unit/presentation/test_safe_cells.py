"""A text from a received file never runs as a formula."""

from __future__ import annotations

import io
import sys
import unicodedata
import zipfile

import polars as pl
import pytest
import xlsxwriter

from presentation.safe_cells import SAFE_WORKBOOK, neutralise, neutralise_column, write_text

DANGEROUS = [
    "=1+1", "+33612345678x", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1", " =HYPERLINK(\"http://x\")", "\u00a0=1", "＝1+1",
    "=cmd|' /C calc'!A0", "%0A=1", "|calc", "-", "\u200b=1",
]  # fmt: skip
DANGEROUS += [
    "\u00ad=1", "\u200c=1", "\u200d+1", "\u2060@SUM(A1)", "\u202e=1", "\u2066=1", "\ufeff \u00ad=1", "\ufe0f=1",
    "\u3164=1", "﹦1", "⁺1x", "−2+3", "\u202e＝1", "｜calc", "\U000e0020=1", "\x9b=1", "\u2028=1",
]  # fmt: skip
HARMLESS = ["", "Médiathèque", "12,50", "-12,50", "−12,50", "+3", "- 1 234,5"[2:], "93???", "a=b", "U-0001", "0012"]


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


def test_every_invisible_character_and_every_writing_of_a_sign_is_known() -> None:
    """Computed from Unicode: what shows nothing, and what compatibility folds into a sign."""
    every = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    unseen = [one for one in every if unicodedata.category(one) in {"Cc", "Cf", "Zs", "Zl", "Zp"}]
    signs = [one for one in every if unicodedata.normalize("NFKC", one)[0] in "=+-@|%−"]
    assert len(unseen) > 200
    assert len(signs) > 20
    texts = [f"{one}=1" for one in unseen] + [f"{one}x" for one in signs]
    assert [ascii(text) for text in texts if not neutralise(text).startswith("'")] == []
    column = pl.DataFrame({"text": texts}).select(neutralise_column(pl.col("text")))["text"].to_list()
    assert column == [neutralise(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Café;=1+41;x", "Café;'=1+41;x"),
        ("Café,=1+41", "Café,'=1+41"),
        ("Café\t=1+41", "Café\t'=1+41"),
        ("Café\n\u00a0＝1+41", "Café\n\u00a0'＝1+41"),
        ("a;+HYPERLINK(1),-1+cmd|' /C'!A0", "a;'+HYPERLINK(1),'-1+cmd|' /C'!A0"),
        ("=1;=2", "'=1;'=2"),
    ],
)
def test_nor_does_what_another_separator_would_make_a_cell(text: str, shown: str) -> None:
    """A file of commas that a French Excel opens is cut at semicolons, inside texts: quotes do not protect there."""
    assert neutralise(text) == shown
    assert pl.DataFrame({"t": [text]}).select(neutralise_column(pl.col("t")))["t"].to_list() == [shown]


@pytest.mark.parametrize(
    "text", ["Atelier, - niveau 2", "Trois temps :\n- mail\n- démarches (CAF)", "tél. 01, +33 6", "a = b", "x, @ville"]
)
def test_a_list_in_a_text_is_left_as_it_is(text: str) -> None:
    assert neutralise(text) == text


def test_the_column_says_the_same_as_the_text() -> None:
    texts = [*DANGEROUS, *HARMLESS, "\x00=1", "a;=1"]
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
