"""The files a person takes away: what they say of themselves, their numbers, and no formula in them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from dashboards.downloads import Origin, as_csv, as_xlsx
from dashboards.tables import as_html
from presentation.table import Column

ORIGIN = Origin(
    "Lieux",
    date(2023, 12, 31),
    "20231231T000000Z-abcdef",
    "les 34 territoires du programme",
    True,
    [("Filtre : territoires", "Vincennes")],
    [("Pass utilisés", "Pass scannés ; comptés une fois")],
)
COLUMNS = [
    Column("name", "Lieu"),
    Column("amount_eur", "Montant", "euros"),
    Column("people", "Personnes", "people"),
    Column("day", "Jour", "date"),
]
FRAME = pl.DataFrame(
    {
        "name": ["=HYPERLINK(1)", "Médiathèque ; annexe"],
        "amount_eur": [Decimal("1234.50"), Decimal("0.10")],
        "people": [None, 42],
        "day": [date(2023, 1, 2), None],
    },
    schema_overrides={"people": pl.Int64},
)


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1+1"])
def test_a_text_that_would_run_is_neutralised(text: str) -> None:
    frame = pl.DataFrame({"name": [text]})
    assert b"\n'" in as_csv(frame, COLUMNS[:1], ORIGIN) or b"\"'" in as_csv(frame, COLUMNS[:1], ORIGIN)


def test_a_csv_says_where_it_comes_from_and_keeps_its_columns() -> None:
    text = as_csv(FRAME, COLUMNS, ORIGIN).decode("utf-8-sig")
    about, body = text.split("Lieu;", 1)
    for words in ("31/12/2023", "20231231T000000Z-abcdef", "Vincennes", "Pass utilisés", "démonstration"):
        assert words in about
    assert all(line.startswith("# ") and ";" not in line for line in about.splitlines())
    lines = body.splitlines()
    assert lines[1] == "'=HYPERLINK(1);1234,5;secret;02/01/2023"
    assert lines[2] == '"Médiathèque ; annexe";0,1;42;'


def test_a_workbook_holds_numbers_and_its_origin() -> None:
    book = as_xlsx(FRAME, COLUMNS, ORIGIN)
    sheet = pl.read_excel(io.BytesIO(book), sheet_name="Données")
    assert sheet["Lieu"].to_list() == ["=HYPERLINK(1)", "Médiathèque ; annexe"], "typed as text: read, never evaluated"
    assert sheet["Montant"].to_list() == [1234.5, 0.1]
    assert sheet["Personnes"].to_list() == ["secret", "42"]
    about = pl.read_excel(io.BytesIO(book), sheet_name="À propos", has_header=False)
    assert "Filtre : territoires" in about.to_series(0).to_list()


def test_a_csv_is_rounded_as_the_page_writes_it() -> None:
    frame = pl.DataFrame({"h": [12.3456], "e": [Decimal("10.006")], "n": [7.0], "s": [0.123456], "r": [1234.56]})
    kinds = {"h": "hours", "e": "euros", "n": "integer", "s": "share", "r": "euros_round"}
    text = as_csv(frame, [Column(name, name, kind) for name, kind in kinds.items()], ORIGIN).decode()
    assert text.splitlines()[-1] == "12,3;10,01;7;0,123;1235"
    many = as_csv(pl.DataFrame({"h": [1234.56, 99.94]}), [Column("h", "h", "hours")], ORIGIN).decode()
    assert many.splitlines()[-2:] == ["1235", "99,9"], "no decimal from a hundred hours on, as on the page"
    rates = as_csv(pl.DataFrame({"r": [0.184, 6.61, 126.4]}), [Column("r", "r", "rate")], ORIGIN).decode()
    assert rates.splitlines()[-3:] == ["0,18", "6,6", "126"]
    halves = as_csv(pl.DataFrame({"h": [1234.5, 0.25]}), [Column("h", "h", "hours")], ORIGIN).decode()
    assert halves.splitlines()[-2:] == ["1235", "0,3"], "a half goes up, as on the page"
    added = as_csv(pl.DataFrame({"h": [1250.4999999999998]}), [Column("h", "h", "hours")], ORIGIN).decode()
    assert added.splitlines()[-1] == "1251", "a sum of floats is the half that it is of"


def test_a_workbook_is_ready_to_print_and_its_head_stays_off_its_cells() -> None:
    """Inches: a head of one line, a fifth of an inch, ends above the first cell."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(FRAME, COLUMNS, ORIGIN))) as parts:
        sheet, book = parts.read("xl/worksheets/sheet1.xml").decode(), parts.read("xl/workbook.xml").decode()
    margins = {
        name: float(value)
        for name, value in re.findall(r'(\w+)="([\d.]+)"', sheet.split("<pageMargins")[1].split("/>")[0])
    }
    assert margins["header"] + 0.2 < margins["top"] and margins["footer"] + 0.2 < margins["bottom"]
    assert 'fitToWidth="1"' in sheet or '<pageSetUpPr fitToPage="1"' in sheet
    assert 'orientation="landscape"' in sheet and 'paperSize="9"' in sheet
    assert "Lieux" in sheet.split("<oddHeader>")[1] and "démonstration" in sheet.split("<oddFooter>")[1]
    assert "_xlnm.Print_Titles" in book and "Données!$1:$1" in book.replace("'", "")
    long = [Column("name", "Montant de la valeur faciale utilisée (depuis le début)", "euros")]
    with zipfile.ZipFile(io.BytesIO(as_xlsx(pl.DataFrame({"name": [1.0]}), long, ORIGIN))) as parts:
        (height,) = re.findall(r'<row r="1"[^>]* ht="([\d.]+)"', parts.read("xl/worksheets/sheet1.xml").decode())
    assert float(height) >= 45, "the headings have their lines: LibreOffice writes them over the rows otherwise"
    days = pl.read_excel(io.BytesIO(as_xlsx(FRAME, COLUMNS, ORIGIN)), sheet_name="Données")["Jour"]
    assert days.dtype == pl.Date and days.to_list() == [date(2023, 1, 2), None]


def test_rows_of_several_units_are_each_written_in_theirs() -> None:
    """A list of indicators: passes, euros and a withheld count of people, whose absence is a secret and not a gap."""
    frame = pl.DataFrame(
        {"label": ["Pass", "Budget", "Personnes"], "n": [545.0, 5875.1, None], "kind": ["integer", "euros", "people"]}
    )
    columns = [Column("label", "Indicateur"), Column("n", "Valeur", kind_from="kind")]
    html = as_html(frame, columns, "Un tableau")
    for words in (">545<", ">5\u202f875,10\u00a0€<", ">secret<"):
        assert words in html
    assert as_csv(frame, columns, ORIGIN).decode().splitlines()[-3:] == [
        "Pass;545",
        "Budget;5875,1",
        "Personnes;secret",
    ]
    sheet = pl.read_excel(io.BytesIO(as_xlsx(frame, columns, ORIGIN)), sheet_name="Données")
    assert sheet["Valeur"].to_list() == ["545", "5875.1", "secret"]


def test_a_table_escapes_what_it_shows_and_links_where_it_should() -> None:
    frame = pl.DataFrame({"name": ["<script>alert(1)</script>", "L'Haÿ & Cie"], "n": [1, 2]})
    columns = [
        Column("name", "Nom", link_to="territoire?territoire=", link_from="name"),
        Column("n", "Nombre", "integer"),
    ]
    html = as_html(frame, columns, "Un tableau")
    assert "<script>" not in html
    assert 'href="territoire?territoire=L%27Ha%C3%BF%20%26%20Cie"' in html
    assert html.count('scope="row"') == 2 and html.count('scope="col"') == 2
    assert "aucune ligne" in as_html(frame.clear(), columns, "Un tableau")


def test_a_page_shows_five_hundred_rows_and_says_how_many_there_are() -> None:
    html = as_html(pl.DataFrame({"n": range(1234)}), [Column("n", "Nombre", "integer")], "Un tableau")
    assert html.count("<tr>") == 501
    assert "1\u202f234" in html


def test_a_table_is_searched_from_twelve_rows_on_and_sorted_from_two() -> None:
    """Its days are told to the browser, which sorts them; its figures are not: two that read the same sort the same."""
    frame = pl.DataFrame({"month": [date(2021, 1 + n, 1) for n in range(12)], "hours": [0.04 * n for n in range(12)]})
    columns = [Column("month", "Mois", "month"), Column("hours", "Heures", "hours")]
    html = as_html(frame, columns, "Un tableau")
    assert html.count('class="pn-sort"') == 2 and 'type="search"' in html
    assert 'data-sort="2021-03-01"' in html and html.count("data-sort") == 12
    assert 'type="search"' not in as_html(frame.head(11), columns, "Un tableau")
    assert "pn-sort" not in as_html(frame.head(1), columns, "Un tableau")


def test_a_word_longer_than_a_column_may_be_cut_and_stays_escaped():
    html = as_html(pl.DataFrame({"t": ["Lieu <b> " + "x" * 30]}), [Column("t", "Lieu")], "Un tableau")
    assert f"Lieu &lt;b&gt; {'x' * 24}<wbr>{'x' * 6}<" in html
