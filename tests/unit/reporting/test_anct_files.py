"""Periods as a user writes them, and tables as they leave: masks, formulas, schemas, editions."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from presentation.table import MappingError, Table, fill, read_layouts
from presentation.workbook import workbook
from reporting.anct.content import COLUMNS as ANCT_COLUMNS
from reporting.figures.period import PeriodError, parse_period, quarter_before
from reporting.files.editions import deliver, editions, freeze
from reporting.files.stamp import COLUMNS as STAMPS
from reporting.files.tabular import csv_bytes, schema_of
from reporting.open_data.export import COLUMNS as OPEN_DATA_COLUMNS

MAPPING = """
tables:
  - table: essai
    feuille: Essai
    titre: Essai
    figures: essai
    cle: [code]
    colonnes:
      - {nom: code, titre: Code, figure: code, type: text}
      - {nom: personnes, titre: Personnes, figure: people, type: integer, masque: equipped, periode_et_cumul: true}
      - {nom: euros, titre: Euros, figure: money, type: euros}
"""


def layout(tmp_path: Path):
    path = tmp_path / "columns.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return read_layouts(path)[0]


def table(tmp_path: Path, **changes: list) -> Table:
    columns = {
        "code": ["=1+1", "b"],
        "people_period": [4, 50],
        "people_cum": [40, 90],
        "money": [1.5, None],
        "mask_equipped_period": [True, False],
        "mask_equipped_cum": [False, False],
    }
    return fill(layout(tmp_path), pl.DataFrame({**columns, **changes}))


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("2022-T4", "2022-T4", date(2022, 10, 1), date(2022, 12, 31)),
        ("T1 2023", "2023-T1", date(2023, 1, 1), date(2023, 3, 31)),
        ("2022", "2022", date(2022, 1, 1), date(2022, 12, 31)),
        ("2024-02", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("10/2022", "2022-10", date(2022, 10, 1), date(2022, 10, 31)),
    ],
)
def test_a_period_is_understood(text: str, code: str, start: date, end: date):
    period = parse_period(text)
    assert (period.code, period.start, period.end) == (code, start, end)


@pytest.mark.parametrize("text", ["2022-T5", "2022-13", "trimestre", "", "22"])
def test_another_text_is_refused_with_examples(text: str):
    with pytest.raises(PeriodError, match="2022-T4"):
        parse_period(text)


@pytest.mark.parametrize(
    ("today", "code"), [(date(2023, 1, 5), "2022-T4"), (date(2022, 10, 1), "2022-T3"), (date(2022, 9, 30), "2022-T2")]
)
def test_the_schedule_takes_the_quarter_that_ended(today: date, code: str):
    assert quarter_before(today).code == code


def test_a_withheld_value_is_written_s_and_its_neighbours_are_not(tmp_path: Path):
    text = csv_bytes(table(tmp_path)).decode()
    assert text.splitlines() == ["code,personnes_periode,personnes_cumul,euros", "'=1+1,s,40,1.5", "b,50,90,"]


def test_no_text_of_a_workbook_is_a_formula(tmp_path: Path):
    buffer = io.BytesIO()
    with workbook(buffer, "Essai", "pied", datetime(2023, 1, 1)) as book:
        book.table(book.sheet("Essai"), 0, table(tmp_path))
    with zipfile.ZipFile(buffer) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "=1+1" in archive.read("xl/sharedStrings.xml").decode()


def test_a_long_title_has_the_lines_it_needs(tmp_path: Path):
    """The span is written in the title: the header is as high as its longest title, no less than three lines."""

    def height(title: str) -> float:
        made = table(tmp_path)
        first, *rest = made.layout.columns
        columns = (first, *(replace(column, title=title) for column in rest))
        buffer = io.BytesIO()
        with workbook(buffer, "Essai", "pied", datetime(2023, 1, 1)) as book:
            book.table(book.sheet("Essai"), 0, replace(made, layout=replace(made.layout, columns=columns)))
        with zipfile.ZipFile(buffer) as archive:
            found = re.search(r'<row r="1"[^>]*? ht="([\d.]+)"', archive.read("xl/worksheets/sheet1.xml").decode())
        assert found
        return float(found[1])

    assert height("Pass") == 45
    assert height("Valeur faciale utilisée (depuis le début)") == 75


def test_the_same_content_gives_the_same_workbook(tmp_path: Path):
    made = []
    for _ in range(2):
        buffer = io.BytesIO()
        with workbook(buffer, "Essai", "pied", datetime(2023, 1, 1)) as book:
            book.table(book.sheet("Essai"), 0, table(tmp_path))
        made.append(buffer.getvalue())
    assert made[0] == made[1]


def test_the_schema_names_keys_types_and_the_mark_of_what_is_withheld(tmp_path: Path):
    schema = schema_of(table(tmp_path))
    assert schema["missingValues"] == ["", "s"] and schema["primaryKey"] == ["code"]
    assert [field["type"] for field in schema["fields"]] == ["string", "integer", "integer", "number"]


def test_a_figure_that_does_not_exist_is_refused_by_name(tmp_path: Path):
    with pytest.raises(MappingError, match=r"money.*Figures possibles"):
        fill(layout(tmp_path), pl.DataFrame({"code": ["a"], "people_period": [1], "people_cum": [1]}))


def test_an_edition_is_written_whole_and_never_written_over(tmp_path: Path):
    files = {"csv/essai.csv": csv_bytes(table(tmp_path)), "manifest.json": b'{"edition": 1}'}
    folder = freeze(files, tmp_path / "2022" / "edition-1")
    assert [edition.number for edition in editions(tmp_path / "2022")] == [1]
    assert (folder / "csv" / "essai.csv").stat().st_mode & 0o222 == 0
    with pytest.raises(OSError):
        freeze(files, folder)
    assert not list((tmp_path / "2022").glob(".edition-*"))


@pytest.mark.parametrize("columns", [ANCT_COLUMNS, OPEN_DATA_COLUMNS], ids=["anct", "open-data"])
def test_a_sheet_loads_by_its_titles(columns: Path):
    """One row of headings: two columns of one title would be one too few, or renamed by who loads them."""
    for layout in read_layouts(columns):
        titles = [column.title for column in (*layout.columns, *STAMPS)]
        assert len(set(titles)) == len(titles), layout.name
        assert all(column.in_book for column in layout.columns), layout.name


@pytest.mark.parametrize("columns", [ANCT_COLUMNS, OPEN_DATA_COLUMNS], ids=["anct", "open-data"])
def test_every_figure_of_a_file_says_its_span(columns: Path):
    """Side by side, a period's figure and a since-start one: the title of the column or of the table says which."""
    spans = {"_period": "sur la période", "_cum": "depuis le début"}
    told = 0
    for layout in read_layouts(columns):
        for column in layout.columns:
            for suffix, words in spans.items():
                if column.source.endswith(suffix):
                    assert words in f"{layout.title} {column.title}".lower(), (layout.name, column.name)
                    told += 1
        if any(column.name == "mois" for column in layout.columns):
            assert "sur la période" in layout.title, layout.name
    assert told >= 10


def test_two_documents_of_a_period_are_both_copied_where_they_are_asked(tmp_path: Path):
    """The second was not copied, and the command said that it was."""
    made = [
        freeze({"manifest.json": f'{{"edition": 1, "document": "{kind}"}}'.encode()}, tmp_path / kind / "2022" / name)
        for kind, name in (("anct", "edition-1"), ("bilan", "edition-1"))
    ]
    out = tmp_path / "out"
    copies = [deliver(folder, out) for folder in made]
    assert [copy.relative_to(out).as_posix() for copy in copies] == ["anct/2022/edition-1", "bilan/2022/edition-1"]
    for folder, copy in zip(made, copies, strict=True):
        assert (copy / "manifest.json").read_bytes() == (folder / "manifest.json").read_bytes()
    assert deliver(made[0], out) == copies[0], "asked again, it is there"
    of_another = freeze({"manifest.json": b'{"edition": 1}'}, tmp_path / "autre" / "anct" / "2022" / "edition-1")
    with pytest.raises(FileExistsError, match="anct/2022/edition-1"):
        deliver(of_another, out)
