"""XLSX: the sheet's own row numbers, dates in every guise, and workbooks too large to open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ingestion.accounting import write_receipt
from ingestion.contract import load_layouts
from ingestion.examine import examine
from ingestion.refusal import Refusal
from ingestion.report import describe_sheets, write_loading
from ingestion.sheet_cells import Limits, SheetTooLarge, read_rows
from ingestion.sheet_package import Package
from ingestion.unpack import unpack
from tests.unit.ingestion.kit import ROWS, SIRET, TODAY, parse_text, read

NOW = datetime(2026, 11, 24, tzinfo=UTC)

HEADERS = ["id_utilisation", "numero_pass", "date_utilisation", "siret_lieu", "montant", "statut"]


def make_xlsx(fill: Callable[[Worksheet, Any], None], *, before: str | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True} | options) as book:
        if before is not None:
            book.add_worksheet("Notes").write(0, 0, before)
        fill(book.add_worksheet("Données"), book.add_format({"num_format": "dd/mm/yyyy hh:mm"}))
    return out.getvalue()


def table(*rows: list[Any], at: int = 0, left: int = 0) -> Callable[[Worksheet, Any], None]:
    def fill(sheet: Worksheet, stamp: Any) -> None:
        for r, row in enumerate([HEADERS, *rows]):
            for c, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(at + r, left + c, value, stamp)
                elif value is not None:
                    sheet.write(at + r, left + c, value)

    return fill


@pytest.mark.parametrize(
    "when", [datetime(2021, 11, 30, 14, 30), 44530.604166667, "30/11/2021 14:30", "2021-11-30T14:30"]
)
def test_dates_as_dates_serials_or_text(when: Any) -> None:
    """Exports §2."""
    parsed = parse_text(make_xlsx(table(["U", "0002100001", when, SIRET, 10, "validee"])), name="u_2022-12-31.xlsx")
    assert parsed.rows["date_utilisation"].to_list() == [datetime(2021, 11, 30, 14, 30)]


def test_serials_of_a_1904_workbook() -> None:
    """Excel for Mac's old calendar: the same day has another number."""
    data = make_xlsx(table(["U", "0002100001", 43068, SIRET, 10, "validee"]), date_1904=True)
    assert parse_text(data).rows["date_utilisation"].to_list() == [datetime(2021, 11, 30)]


def test_numbers_and_texts_are_the_same_values() -> None:
    rows: list[list[Any]] = [
        ["U1", 2100001, "30/11/2021", int(SIRET), 10.0, "validee"],
        ["U2", "2100001", "30/11/2021", SIRET, "10,00 €", "Validée"],
    ]
    parsed = parse_text(make_xlsx(table(*rows)))
    kept = parsed.rows.drop("line", "id_utilisation")
    assert kept.row(0) == kept.row(1)


def test_row_numbers_are_the_sheets() -> None:
    """Exports §5: in XLSX the sheet's row, whatever the empty rows and columns before the table."""
    good = ["U", "0002100001", "30/11/2021", SIRET, 10, "validee"]
    rows: list[list[Any]] = [
        good,
        [None] * 6,
        ["V", "x", "30/11/2021", SIRET, 10, "validee"],
        ["TOTAL", None, None, None, 20],
    ]
    parsed = parse_text(make_xlsx(table(*rows, at=4, left=3)))
    assert parsed.rows["line"].to_list() == [6]
    assert parsed.rejected.row(0) == (8, "numero_pass", "A", "invalid_value")
    assert (parsed.read, parsed.totals, parsed.blanks) == (2, 1, 5)


def test_the_first_sheet_that_matches() -> None:
    """Exports §2."""
    data = make_xlsx(table(["U", "0002100001", "30/11/2021", SIRET, 10, "validee"]), before="Lisez-moi")
    assert parse_text(data).accepted == 1


@pytest.mark.parametrize(
    ("stored", "expected"),
    [("99.300000000000011", "99.30"), ("0.30000000000000004", "0.30"), ("1.2E+3", "1200.00"), ("12.345", None)],
)
def test_an_amount_is_the_one_that_excel_shows(stored: str, expected: str | None) -> None:
    """A sum worked out by Excel is stored with 17 digits: its last ones are no fault of whoever sent it."""
    plain = make_xlsx(table(["U", "0002100001", "30/11/2021", SIRET, 77701, "validee"]))
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"<v>77701<", b"<v>" + stored.encode() + b"<"))
    parsed = parse_text(changed.getvalue())
    assert [str(m) for m in parsed.rows["montant"]] == ([expected] if expected else [])
    assert parsed.rejected["column_name"].to_list() == ([] if expected else ["montant"])


def test_other_sheets_that_are_exports_are_told() -> None:
    """The first sheet that matches is read (exports §2); a workbook of one sheet a month would lose eleven of them."""
    row = ["U", "0002100001", "30/11/2021", SIRET, 10, "validee"]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Lisez-moi").write(0, 0, "Un export par mois")
        for month in ("janvier", "février", "notes", "mars"):
            fill = table(row) if month != "notes" else lambda sheet, _: sheet.write_row(0, 0, ["a", "b"])
            fill(book.add_worksheet(month), None)
    name = "utilisations_2022-12-31.xlsx"
    examined = examine(next(iter(unpack(name, out.getvalue()))), load_layouts(), TODAY, lambda _: None)
    assert examined.table is not None
    told = ("la feuille 2 (« janvier »)", ("la feuille 3 (« février »)", "la feuille 5 (« mars »)"))
    assert (examined.table.sheet, examined.table.unread_sheets) == told
    assert describe_sheets(examined)[0].startswith(
        "La feuille 3 (« février ») et la feuille 5 (« mars ») ont aussi les colonnes d’un export : seule la feuille 2"
    )
    assert describe_sheets(examined)[0] in write_loading(examined, write_receipt(examined, [], NOW, "", ""))


def test_a_value_beyond_the_header_is_a_field_too_many() -> None:
    """Exports §3: never padded, never shifted."""
    data = make_xlsx(table(["U", "0002100001", "30/11/2021", SIRET, 10, "validee", None, "x"]))
    assert parse_text(data).rejected.row(0) == (2, None, "8", "wrong_field_count")


def test_a_number_that_excel_rounded_is_a_bad_value_and_the_same_digits_as_text_are_not() -> None:
    """Excel keeps 15 digits: a longer number lost its last ones (exports §2, Excel's damage)."""
    rows: list[list[Any]] = [
        ["U1", 1234567890123456, "30/11/2021", SIRET, 10, "validee"],
        ["U2", "1234567890123456", "30/11/2021", SIRET, 10, "validee"],
    ]
    parsed = parse_text(make_xlsx(table(*rows)))
    assert parsed.rows["id_utilisation"].to_list() == ["U2"]
    assert parsed.rejected.select("line", "column_name", "reason").row(0) == (2, "numero_pass", "invalid_value")


@pytest.mark.parametrize("dataset", ROWS)
def test_every_export_reads_the_same_from_a_workbook(dataset: str) -> None:
    def fill(sheet: Worksheet, _: Any) -> None:
        for c, (name, value) in enumerate(ROWS[dataset].items()):
            sheet.write_string(0, c, name)
            sheet.write_string(1, c, value)

    header, line = (";".join(part) for part in (ROWS[dataset], ROWS[dataset].values()))
    assert parse_text(make_xlsx(fill)).rows.rows() == parse_text(f"{header}\n{line}\n").rows.rows()


def test_an_empty_workbook_is_an_empty_file() -> None:
    with pytest.raises(Refusal) as caught:
        read(make_xlsx(lambda sheet, stamp: None))
    assert caught.value.reason == "empty_file"


def test_a_cell_lost_at_the_far_corner_is_refused_not_opened() -> None:
    """A used range of 17 thousand million cells would take all the memory there is."""
    with pytest.raises(Refusal, match="démesurément") as caught:
        read(make_xlsx(lambda sheet, stamp: sheet.write(1_048_575, 16_383, "x")))
    assert caught.value.reason == "unreadable"


def test_one_long_text_repeated_in_every_cell_is_refused() -> None:
    """Its bytes in the file are few; those of the cells are counted before they are put end to end."""

    def fill(sheet: Worksheet, _: Any) -> None:
        for row in range(400):
            sheet.write_string(row, 0, "x" * 30_000)

    package = Package(make_xlsx(fill))
    with pytest.raises(SheetTooLarge):
        list(read_rows(package, package.sheets[0].part or "", Limits(cells=10_000, characters=5_000_000, columns=9)))


@pytest.mark.parametrize("cut", [0.2, 0.6, 0.95])
def test_a_broken_workbook_is_unreadable(cut: float) -> None:
    data = make_xlsx(table(["U", "0002100001", "30/11/2021", SIRET, 10, "validee"]))
    with pytest.raises(Refusal) as caught:
        read(data[: int(len(data) * cut)])
    assert caught.value.reason == "unreadable"
