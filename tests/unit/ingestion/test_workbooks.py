"""Workbooks as programs really write them: each rule of exports §2 with other members of its family.

Does not live here: what is refused for its size, the process that opens them (test_workbook_process).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from ingestion.refusal import Refusal
from ingestion.sheet_cells import write_number
from ingestion.sheet_package import is_date_format
from tests.unit.ingestion.books import STRICT, Cell, write_book, write_sheet, write_styles
from tests.unit.ingestion.kit import SIRET, parse_text, read
from tests.unit.ingestion.test_sheet import HEADERS, make_xlsx, table

GOOD: list[Cell] = ["U-1", "0002100001", "30/11/2021", SIRET, 10, "validee"]
DAY = datetime(2021, 11, 30)
SERIAL = 44530
FRENCH = write_styles("dd/mm/yyyy", "0.00")


def rows_of(*lines: Sequence[Cell]) -> list[Sequence[Cell]]:
    return [HEADERS, *lines]


def with_day(cell: Cell, **options: Any) -> bytes:
    """A workbook whose date of use is that cell."""
    return write_book({"Export": write_sheet(rows_of([*GOOD[:2], cell, *GOOD[3:]]))}, **options)


def days(data: bytes) -> list[datetime | None]:
    return parse_text(data, name="u_2022-01-31.xlsx").rows["date_utilisation"].to_list()


# --- parts are found by their relationships, whatever they are called (exports §2) ------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"separator": "\\"},
        {"target": "/xl/worksheets/sheet{}.xml"},
        {"target": "feuilles/Feuil{}.xml"},
        {"target": "Worksheets/SHEET{}.XML"},
        {"main": "xl/workbook22.xml"},
        {"main": "classeur/book.xml", "separator": "\\"},
        {"space": STRICT},
    ],
    ids=str,
)
def test_parts_are_found_by_their_relationships(options: dict[str, Any]) -> None:
    space = {"space": options["space"]} if "space" in options else {}
    data = write_book({"Export": write_sheet(rows_of(GOOD), **space)}, **options)
    assert days(data) == [DAY]


@pytest.mark.parametrize("prefix", ["x", "main", "ss"])
@pytest.mark.parametrize("placed", [True, False])
def test_prefixes_and_cells_without_place(prefix: str, placed: bool) -> None:
    """`<x:c>`, and no `r` at all: rows and cells follow each other."""
    data = write_book({"Export": write_sheet(rows_of(GOOD), prefix=prefix, placed=placed)})
    assert days(data) == [DAY]


def test_rich_text_phonetics_and_escapes() -> None:
    """Runs end to end, what tells how to pronounce left out, `_x000D_` as the character it is."""
    rich = '<si><r><t>Média</t></r><r><rPr><b/></rPr><t>thèque</t></r><rPh sb="0" eb="1"><t>NON</t></rPh></si>'
    strings = f'<sst xmlns="{"http://schemas.openxmlformats.org/spreadsheetml/2006/main"}">{rich}<si><t>a_x0041_b</t></si></sst>'
    cells: list[Cell] = [*GOOD, ('t="s"', "<v>0</v>"), ('s="0" t="s"', "<v>1</v>")]
    data = write_book({"E": write_sheet([[*HEADERS, "nom_lieu", "id_session"], cells])}, strings=strings)
    row = parse_text(data).rows.row(0, named=True)
    assert (row["nom_lieu"], row["id_session"]) == ("Médiathèque", "aAb")


def test_sheets_hidden_or_after_a_chart_are_found_and_named() -> None:
    """Hidden sheets count; every message names the sheet it tells about."""
    data = write_book(
        {"Lisez-moi": write_sheet([["Ce classeur", "contient"]]), "Données 2021": write_sheet(rows_of(GOOD))},
        states={"Données 2021": "veryHidden"},
    )
    assert read(data).sheet == "la feuille 2 (« Données 2021 »)"
    lacking = write_book({"A": write_sheet([["x", "y"]]), "Export": write_sheet([HEADERS[:-2], GOOD[:-2]])})
    with pytest.raises(Refusal, match=r"La feuille 2 \(« Export »\) : le fichier ressemble") as caught:
        read(lacking)
    assert caught.value.missing == ("montant", "statut")


def test_a_sheet_named_after_a_person_s_number_is_told_by_its_place() -> None:
    data = write_book({"06 39 98 00 00": write_sheet(rows_of(GOOD))})
    assert read(data).sheet == "la feuille 1"


# --- cells are told apart -------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA", "#SPILL!"])  # fmt: skip  # noqa: E501
def test_error_cells_are_empty_and_told(error: str) -> None:
    """Exports §2: optional, one field issue (`error_cell`); required, a missing value."""
    broken: Cell = ('t="e"', f"<f>1/0</f><v>{error}</v>")
    optional = [*HEADERS, "duree_minutes", "nom_lieu", "id_session"]
    data = write_book({"E": write_sheet([optional, [*GOOD, broken, broken, broken]])})
    parsed = parse_text(data)
    assert parsed.issues.rows() == [
        (2, name, error, "error_cell") for name in ("nom_lieu", "id_session", "duree_minutes")
    ]
    assert parsed.rows.select("duree_minutes", "nom_lieu", "id_session").row(0) == (None, None, None)
    required = parse_text(write_book({"E": write_sheet(rows_of([*GOOD[:4], broken, GOOD[5]]))}))
    assert required.rejected.rows() == [(2, "montant", error, "missing_value")]


#: What programs write for a formula without value, by type of cell; of a text, an empty value is a value.
UNCALCULATED = [
    (content, kind)
    for content in ("<f>5+5</f>", "<f>5+5</f><v></v>", "<f>5+5</f><v/>", '<f t="shared" si="0"/>')
    for kind in ("n", "str", "b", "e")
    if not (kind == "str" and "<v" in content)
]


@pytest.mark.parametrize(("content", "kind"), UNCALCULATED)
def test_a_formula_that_was_never_calculated_is_told(content: str, kind: str) -> None:
    """Exports §2: `uncalculated_formula`; a required column says « formule non calculée »."""
    formula: Cell = (f't="{kind}"', content)
    data = write_book({"E": write_sheet([[*HEADERS, "duree_minutes"], [*GOOD, formula]])})
    assert parse_text(data).issues.rows() == [(2, "duree_minutes", "formule non calculée", "uncalculated_formula")]
    required = parse_text(write_book({"E": write_sheet(rows_of([*GOOD[:4], formula, GOOD[5]]))}))
    assert required.rejected.rows() == [(2, "montant", "formule non calculée", "missing_value")]


def test_a_zero_that_the_writing_program_put_for_a_value_is_no_value() -> None:
    """XlsxWriter writes 0 under a formula and asks Excel to calculate on opening: 0 € would be a lie."""

    def fill(page: Any, _: Any) -> None:
        table([*GOOD[:4], None, GOOD[5]], ["U-2", *GOOD[1:4], None, GOOD[5]])(page, None)
        page.write_formula(1, 4, "=5+5")
        page.write_formula(2, 4, "=5+5", None, 10)

    parsed = parse_text(make_xlsx(fill))
    assert parsed.rejected.rows() == [(2, "montant", "formule non calculée", "missing_value")]
    assert [str(m) for m in parsed.rows["montant"]] == ["10.00"]


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell() -> None:
    empty: Cell = ('t="str"', '<f>""</f><v></v>')
    data = write_book({"E": write_sheet([[*HEADERS, "nom_lieu"], [*GOOD, empty]])})
    assert parse_text(data).issues.is_empty()


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (('t="str"', "<f>A1</f><v>Lieu</v>"), "Lieu"),
        (('t="b"', "<v>1</v>"), "true"),
        (('t="inlineStr"', "<is><r><t>Li</t></r><r><t>eu</t></r></is>"), "Lieu"),
        (('t="inlineStr"', "<v>1.0</v><is><r><t>1.</t></r></is>"), "1."),
        (('t="inlineStr"', "<is><t>1.</t></is><v>1.0</v>"), "1."),
        (("", "<v>94300</v>"), "94300"),
        (("", "<v>1.5E3</v>"), "1500"),
    ],
)
def test_texts_numbers_and_booleans(cell: Cell, text: str) -> None:
    data = write_book({"E": write_sheet([[*HEADERS, "nom_lieu"], [*GOOD, cell]])})
    assert parse_text(data).rows["nom_lieu"].to_list() == [text]


# --- days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "workbook",
    [
        '<workbookPr date1904="1"/>',
        "<workbookPr  date1904='true' />",
        '<workbookPr defaultThemeVersion="124226" date1904="1"/><extLst><ext uri="{1}" '
        'xmlns:x15="http://schemas.microsoft.com/office/spreadsheetml/2010/11/main">'
        '<x15:workbookPr chartTrackingRefBase="1"/></ext></extLst>',
        '<extLst><ext xmlns:x14="urn:x14"><x14:workbookPr date1904="0"/></ext></extLst><workbookPr date1904="1"/>',
    ],
)
@pytest.mark.parametrize("style", ["0", "1"])
def test_the_1904_calendar_by_the_xml(workbook: str, style: str) -> None:
    """Exports §2; whatever Excel 2013 adds beside it, and whatever the format of the cell."""
    cell: Cell = (f's="{style}"', f"<v>{SERIAL - 1462}</v>")
    assert days(with_day(cell, workbook=workbook, styles=FRENCH)) == [DAY]


def test_a_1904_of_another_namespace_is_not_the_workbook_s() -> None:
    workbook = '<workbookPr/><extLst><ext xmlns:x14="urn:x14"><x14:workbookPr date1904="1"/></ext></extLst>'
    assert days(with_day(("", f"<v>{SERIAL}</v>"), workbook=workbook)) == [DAY]


@pytest.mark.parametrize("number", ["12", "90", "2022", "1", "0.5", "19999.9", "80001", "123456", "-44530"])
@pytest.mark.parametrize("style", ["0", "1", "2"])
def test_a_number_that_is_no_day_is_a_bad_value_whatever_its_format(number: str, style: str) -> None:
    """Exports §2: under 20,000 or over 80,000."""
    parsed = parse_text(with_day((f's="{style}"', f"<v>{number}</v>"), styles=FRENCH))
    assert parsed.rejected.rows() == [(2, "date_utilisation", re.sub("[0-9]", "9", number), "invalid_value")]


@pytest.mark.parametrize(
    "code",
    [
        "dd/mm/yyyy",
        "jj/mm/aaaa",
        "TT.MM.JJJJ",
        "[$-40C]d mmmm yyyy;@",
        "yyyy\\-mm\\-dd\\ hh:mm",
        '"le "dd/mm',
        "0.00",
        "General",
        "@",
    ],
)
def test_a_day_is_read_whatever_the_format_of_its_cell(code: str) -> None:
    """A day is a number: its format, in any language, or a wrong one, only shows it."""
    assert days(with_day(('s="1"', f"<v>{SERIAL}.604166667</v>"), styles=write_styles(code))) == [
        datetime(2021, 11, 30, 14, 30)
    ]


@pytest.mark.parametrize(("code", "is_date"), [
    ("General", False), ("Standard", False), ("0.00", False), ("#,##0.00 [$€-40C]", False), ('0.0" jours"', False),
    ("_-* #,##0.00\\ _d_-;-* #,##0\\ _d_-", False), ("[Red]0", False), ("@", False),
    ("dd/mm/yy", True), ("jj/mm/aaaa", True),
    ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", True), ("[h]:mm:ss", True), ("mm:ss.0", True), ("pp.kk.vvvv", True),
])  # fmt: skip
def test_formats_of_days(code: str, is_date: bool) -> None:
    assert is_date_format(code) is is_date


def test_a_day_written_as_iso_by_a_strict_program() -> None:
    sheets = {"E": write_sheet(rows_of([*GOOD[:2], ('t="d"', "<v>2021-11-30T00:00:00</v>"), *GOOD[3:]]), space=STRICT)}
    assert days(write_book(sheets, space=STRICT)) == [DAY]


def test_an_identifier_that_excel_made_a_day_of_is_a_bad_value() -> None:
    """« 1-2 » typed in a cell becomes the 1st of February (exports §2, Excel's damage)."""
    made: Cell = ('s="1"', "<v>44593</v>")
    data = write_book({"E": write_sheet([[*HEADERS, "id_session", "nom_lieu"], [*GOOD, made, made]])}, styles=FRENCH)
    parsed = parse_text(data)
    assert parsed.issues["column_name"].to_list() == ["id_session"]
    assert parsed.rows["nom_lieu"].to_list() == ["2022-02-01"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [("10", "10"), ("10.0", "10"), ("99.300000000000011", "99.3"), ("1.2E+3", "1200"), ("0.30000000000000004", "0.3"),
     ("-5", "-5"), ("1e-7", "0.0000001"), ("123456789012345", "123456789012345"),
     ("1234567890123456", "1234567890123460\x1a"),
     ("1_000", "1_000"), ("nan", "nan"), ("1e999", "1e999"), ("0", "0")],
)  # fmt: skip
def test_numbers_as_excel_shows_them(raw: str, shown: str) -> None:
    assert write_number(raw, is_date=False, uses_1904=False) == shown


# --- headers on two rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        [[*HEADERS[:3], "Détails", None, None], [None, None, None, *HEADERS[3:]]],
        [["Carnet", *[None] * 5], HEADERS],
        [["Pass", None, *HEADERS[2:]], [*HEADERS[:2], *[None] * 4]],
        [[HEADERS[0], "Pass", *[None] * 4], [None, HEADERS[1], "Suite", *[None] * 3], [None, None, *HEADERS[2:]]],
    ],
)
@pytest.mark.parametrize("merged", [True, False])
def test_a_header_on_several_rows_is_read(header: list[list[Cell]], merged: bool) -> None:
    """Exports §2: a cell merged downwards stands in its first row, one under a merged title in the last."""
    after = '<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="D1:F1"/></mergeCells>' if merged else ""
    data = write_book({"E": write_sheet([["Export du 31 janvier"], [], *header, GOOD], after=after)})
    parsed = parse_text(data)
    assert (parsed.accepted, parsed.rows["line"].to_list()) == (1, [len(header) + 3])


_PAID: list[Cell] = [*GOOD, "31/12/2021", "CP-1"]


@pytest.mark.parametrize("title", [[], [["Export du mois"]], [["Export du mois"], []]])
@pytest.mark.parametrize(
    "header",
    [
        [[*HEADERS[:2], "Date", *HEADERS[3:], "Remboursement", None], [None, None, "utilisation", None, None, None, "date", "référence"]],  # noqa: E501
        [[*HEADERS, "Remboursement", None], [*[None] * 6, "date", "référence"]],
        [[*HEADERS, "Remboursement", None], [*[None] * 6, "date_remboursement", "reference_remboursement"]],
    ],
)  # fmt: skip
def test_a_title_and_what_is_under_it_are_one_header(title: list[list[Cell]], header: list[list[Cell]]) -> None:
    """Exports §2: a two-row merged header is read; its second row is no data."""
    parsed = parse_text(write_book({"E": write_sheet([*title, *header, _PAID])}))
    assert (parsed.read, parsed.accepted, parsed.rows["line"].to_list()) == (1, 1, [len(title) + 3])
    assert parsed.rows["date_utilisation"].to_list() == [DAY]
    assert parsed.rows["reference_remboursement"].to_list() == ["CP-1"]


@pytest.mark.parametrize(
    "header",
    [
        [[*HEADERS[:2], "Jour", *HEADERS[3:]], [None, None, "du scan chez eux", None, None, None]],
        [[*HEADERS, "Suivi", None], [*[None] * 6, "vu", "revu"]],
    ],
)
def test_a_header_on_two_rows_that_cannot_be_read_is_named(header: list[list[Cell]]) -> None:
    """Exports §2: a two-row merged header is read or named, with the way out; no separator in a workbook."""
    with pytest.raises(Refusal) as caught:
        parse_text(write_book({"E": write_sheet([["Titre"], *header, [*GOOD, "x", "y"]])}))
    refusal = caught.value
    assert "deux lignes (2 et 3)" in refusal.explanation and "une seule ligne" in refusal.remedy
    assert "aliases" not in refusal.remedy and "séparateur" not in refusal.explanation + refusal.remedy


def test_a_first_line_without_its_key_is_data_and_no_header() -> None:
    """Exports §3: every data line is accounted for."""
    parsed = parse_text(write_book({"E": write_sheet(rows_of([*[None] * 5, "validee"], GOOD))}))
    assert (parsed.read, parsed.accepted, parsed.rejected["line"].to_list()) == (2, 1, [2])
