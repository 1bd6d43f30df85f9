"""Workbooks measured before they are held, and the process apart that opens them (exports §2)."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from typing import Any

import polars as pl
import pytest

from ingestion import sheet
from ingestion.refusal import Refusal
from tests.unit.ingestion.books import Cell, write_book, write_sheet
from tests.unit.ingestion.kit import parse_text, read
from tests.unit.ingestion.test_workbooks import DAY, GOOD, days, rows_of

# --- a workbook is measured before it is held -------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("cell", ["XFD1048576", "XFD20000", "ZZ1048576"])
@pytest.mark.parametrize("attributes", ['r="{}" t="n"', 't="n" s="0" r="{}"', " t='n'  r='{}' "])
def test_a_cell_far_away_is_refused_whatever_its_prefix(prefix: str, cell: str, attributes: str) -> None:
    """1.4 kB that ask for 512 GB: refused before anything is held."""
    p = f"{prefix}:" if prefix else ""
    number = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = f'<{p}row r="{number}"><{p}c {attributes.format(cell)}><{p}v>1</{p}v></{p}c></{p}row>'
    part = write_sheet(rows_of(GOOD), prefix=prefix).replace(f"</{p}sheetData>", far + f"</{p}sheetData>")
    with pytest.raises(Refusal, match=r"démesurément|2000 colonnes") as caught:
        read(write_book({"E": part}))
    assert caught.value.reason == "unreadable"


@pytest.mark.parametrize("dimension", ["A1:XFD1048576", "A1", "", "B7:C9"])
def test_what_a_sheet_says_of_its_size_does_not_count(dimension: str) -> None:
    """No dimension, a huge one, a wrong one; and cells with a format and no value are no cells."""
    before = f'<dimension ref="{dimension}"/>' if dimension else ""
    empty = '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    part = write_sheet(rows_of(GOOD), before=before).replace("</sheetData>", empty)
    assert days(write_book({"E": part})) == [DAY]


@pytest.mark.parametrize("place", ["A0", "12", "A", "AAAA1", "A-1", "A1048577", "é1", "A99999999999"])
def test_a_cell_that_is_nowhere_is_a_broken_workbook(place: str) -> None:
    part = write_sheet(rows_of(GOOD)).replace("</sheetData>", f'<row><c r="{place}"><v>1</v></c></row></sheetData>')
    with pytest.raises(Refusal) as caught:
        parse_text(write_book({"E": part.replace(' r="2"', "").replace(' r="1"', "")}))
    assert caught.value.reason == "unreadable"


def test_rows_far_apart_keep_their_numbers() -> None:
    """Rows are handed over some thousand at a time: none is lost between two."""
    lines: list[Sequence[Cell]] = rows_of(GOOD)
    part = write_sheet(lines)
    for number in (8_192, 8_193, 8_194, 20_000, 20_001):
        cells = write_sheet([[f"U-{number}", *GOOD[1:]]]).partition("<sheetData>")[2].partition("</sheetData>")[0]
        for column in "ABCDEF":
            cells = cells.replace(f'r="{column}1"', f'r="{column}{number}"')
        part = part.replace("</sheetData>", cells.replace('<row r="1">', f'<row r="{number}">') + "</sheetData>")
    parsed = parse_text(write_book({"E": part}))
    assert parsed.rows["line"].to_list() == [2, 8_192, 8_193, 8_194, 20_000, 20_001]
    assert parsed.rows["id_utilisation"].to_list()[1:] == [f"U-{n}" for n in (8_192, 8_193, 8_194, 20_000, 20_001)]


# --- the process that opens them ---------------------------------------------------------------------------


def test_one_process_opens_all_the_workbooks() -> None:
    data = write_book({"E": write_sheet(rows_of(GOOD))})
    parse_text(data)
    first = sheet._process()
    parse_text(data)
    assert sheet._process() is first


def test_a_process_that_dies_refuses_that_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed by the system, or ended by what it reads."""
    data = write_book({"E": write_sheet(rows_of(GOOD))})
    book = sheet.Workbook(data)
    child: subprocess.Popen[bytes] = sheet._process()._child
    child.send_signal(signal.SIGSTOP)
    child.kill()
    child.wait()
    assert book.load(1).frame.height == 2, "the next one opens it again"

    asked = sheet._Process.ask

    def die(self: sheet._Process, request: dict[str, Any], content: bytes = b"") -> Any:
        self._child.kill()
        self._child.wait()
        return asked(self, request, content)

    with monkeypatch.context() as patch:
        patch.setattr(sheet._Process, "ask", die)
        with pytest.raises(Refusal, match="mémoire") as caught:
            read(data)
    assert caught.value.reason == "unreadable"
    assert days(data) == [DAY]


def test_a_workbook_that_asks_for_more_memory_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet.limits, "MAX_WORKBOOK_MEMORY_BYTES", 64 * 1024**2)
    sheet._process().end()
    strings = "<sst>" + "".join(f"<si><t>{n:0100d}</t></si>" for n in range(400_000)) + "</sst>"
    cells: list[Cell] = [*GOOD[:5], ('t="s"', "<v>399999</v>")]
    try:
        with pytest.raises(Refusal, match="mémoire de cette machine"):
            read(write_book({"E": write_sheet(rows_of(cells))}, strings=strings))
    finally:
        sheet._process().end()


def test_two_workbooks_open_at_once_do_not_mix() -> None:
    one = sheet.Workbook(write_book({"A": write_sheet([["a"]])}))
    other = sheet.Workbook(write_book({"B": write_sheet([["b"]])}))
    frames: list[pl.DataFrame] = [one.load(1).frame, other.load(1).frame, one.load(1).frame]
    assert [f.item() for f in frames] == ["a", "b", "a"]


def test_a_document_type_is_refused() -> None:
    """Entities that grow a thousandfold need one."""
    part = '<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa">]>' + write_sheet(rows_of(GOOD))
    with pytest.raises(Refusal, match="abîmé"):
        read(write_book({"E": part}))
