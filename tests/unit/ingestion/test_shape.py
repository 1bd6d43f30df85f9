"""The shape of a text file: swallowed records, headers found again, fields that do not add up (exports §2, §3)."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from ingestion.contract import Contract, load_layouts
from ingestion.finishing import Parsed
from ingestion.lake import Lake
from ingestion.refusal import Refusal
from tests.unit.ingestion.kit import ROWS, drop, lake_tables, make_home, parse_text, run, write_csv

LAYOUTS = load_layouts()
HEADER = list(ROWS["utilisations"])


def lines_of(number: int, separator: str = ";") -> list[str]:
    return write_csv("utilisations", *[{"montant": "10.00"}] * number, separator=separator).splitlines()


def with_quotes(lines: list[str], separator: str, first: tuple[int, int], last: tuple[int, int]) -> str:
    """A lone quote that opens a field, and one that ends another, lines later: (line, field) each."""
    cells = [line.split(separator) for line in lines]
    cells[first[0]][first[1]] = '"' + cells[first[0]][first[1]]
    cells[last[0]][last[1]] += '"'
    return "\n".join(separator.join(c) for c in cells) + "\n"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("opens", [0, 1, 4, 7, 13])
@pytest.mark.parametrize("closes", [0, 4, 9, 13])
@pytest.mark.parametrize("span", [1, 2, 3])
def test_a_quoted_field_that_swallows_records_is_refused_with_its_line(
    separator: str, opens: int, closes: int, span: int
) -> None:
    """Exports §2: line ends and about as many separators as records have: unreadable with its line. Case 03."""
    lines = lines_of(6, separator)
    text = with_quotes(lines, separator, (2, opens), (2 + span, closes))
    with pytest.raises(Refusal) as caught:
        parse_text(text)
    assert caught.value.reason == "unreadable"
    assert "ligne 3 " in caught.value.explanation
    assert f"ligne {3 + span} " in caught.value.explanation


@pytest.mark.parametrize(("dataset", "opens"), [("emissions", 5), ("prescriptions", 4), ("lieux", 2), ("budget", 6)])
def test_records_of_every_export_may_be_swallowed(dataset: str, opens: int) -> None:
    lines = write_csv(dataset, {}, {}, {}, {}, separator="\t").splitlines()
    with pytest.raises(Refusal, match="ligne 2 "):
        parse_text(with_quotes(lines, "\t", (1, opens), (3, opens)))


def test_two_records_of_two_columns_are_told_from_a_text_on_two_lines() -> None:
    """A narrow catalogue: the key that the second line begins with tells."""
    with pytest.raises(Refusal, match="avale"):
        parse_text('code_service;libelle\nSAN-1;"Naviguer\nSAN-2;Écrire"\nSAN-3;Lire\n')
    assert parse_text('code_service;libelle\nSAN-1;"Naviguer\nlundi; mardi"\nSAN-3;Lire\n').accepted == 2


@pytest.mark.parametrize(
    "text",
    [
        "1 rue de l’Exemple\nBâtiment B",
        "Accueil ; lundi ; mardi\nFermé ; dimanche",
        "Nous proposons des ateliers, des permanences, un accès libre, un prêt de matériel,\nde l’aide, du café, etc.",
        'dit "le Lieu"\nau fond',
        ", , , , , , , , , , ,\n, , , , , , , , , , , , ,\nfin",
    ],
)
@pytest.mark.parametrize("separator", [";", ","])
def test_a_text_on_several_lines_is_still_one_field(text: str, separator: str) -> None:
    """Exports §2: quoted fields holding separators and line breaks."""
    quoted = '"' + text.replace('"', '""') + '"'
    rows = [{"adresse": quoted, "longitude": "2.43"}, {"longitude": "2.43"}]
    parsed = parse_text(write_csv("lieux", *rows, separator=separator))
    assert parsed.accepted == 2
    assert parsed.rows["adresse"][0] == text.strip() or parsed.rejected.height


# --- headers found again ---------------------------------------------------------------------------------


def part(names: list[str], *rows: dict[str, str], spell: dict[str, str] | None = None, separator: str = ";") -> str:
    header = separator.join((spell or {}).get(n, n) for n in names)
    lines = [separator.join((ROWS["utilisations"] | row | {"": ""})[n] if n in HEADER else "" for n in names) for row in rows]  # fmt: skip  # noqa: E501
    return "\n".join([header, *lines]) + "\n"


SWAPPED = [
    {"date_utilisation": "date_remboursement", "date_remboursement": "date_utilisation"}.get(n, n) for n in HEADER
]
ROTATED = HEADER[5:] + HEADER[:5]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("order", [SWAPPED, ROTATED, HEADER[::-1], [*HEADER[:4], "Commentaire", *HEADER[4:]]])
def test_a_part_is_read_by_its_own_columns(order: list[str], separator: str) -> None:
    """Exports §2: a header repeated inside a file starts a part read by ITS OWN columns. Case 11, wider parts too."""
    text = part(HEADER, {"id_utilisation": "U-1"}, {"id_utilisation": "U-2"}, separator=separator)
    text += part(order, {"id_utilisation": "U-3"}, {"id_utilisation": "U-4"}, separator=separator)
    text += part(HEADER, {"id_utilisation": "U-5"}, separator=separator)
    parsed = parse_text(text)
    assert parsed.rows["id_utilisation"].to_list() == ["U-1", "U-2", "U-3", "U-4", "U-5"]
    assert parsed.rows["line"].to_list() == [2, 3, 5, 6, 8]
    assert set(parsed.rows["date_utilisation"]) == {datetime(2021, 11, 30, 14, 30)}
    assert set(parsed.rows["date_remboursement"]) == {date(2021, 12, 31)}
    # the headers stay visible: a line whose key is the name of its column
    assert parsed.rejected.select("line", "column_name", "reason").rows() == [
        (4, "id_utilisation", "invalid_value"),
        (7, "id_utilisation", "invalid_value"),
    ]


def test_a_header_spelled_otherwise_starts_a_part_too() -> None:
    spell = {"id_utilisation": "N° Utilisation", "date_utilisation": "Date d’utilisation", "montant": "MONTANT"}
    text = part(HEADER, {}) + part(ROTATED, {"id_utilisation": "U-9"}, spell=spell)
    parsed = parse_text(text)
    assert parsed.rows["id_utilisation"].to_list() == ["U-1", "U-9"]
    assert parsed.rejected["line"].to_list() == [3]


def test_a_part_without_an_optional_column_leaves_it_empty_and_without_a_required_one_is_rejected() -> None:
    text = part(HEADER, {}) + part([n for n in HEADER if n != "nom_lieu"], {"id_utilisation": "U-2"})
    assert parse_text(text).rows["nom_lieu"].to_list() == ["Médiathèque", None]
    text = part(HEADER, {}) + part([n for n in HEADER if n != "montant"], {"id_utilisation": "U-2"})
    assert parse_text(text).rejected.select("line", "column_name", "reason").rows()[1:] == [
        (4, "montant", "missing_value")
    ]


def test_a_record_of_a_part_has_the_fields_of_its_own_header() -> None:
    """Exports §3: never padded, never shifted; 14 fields are wrong where the part's header has 15."""
    wide = [*HEADER, "Commentaire"]
    text = (
        part(HEADER, {})
        + part(wide, {"id_utilisation": "U-2"})
        + part(HEADER, {"id_utilisation": "U-3"}).splitlines()[1]
    )
    parsed = parse_text(text + "\n")
    assert parsed.rejected.rows()[1:] == [(5, None, "14", "wrong_field_count")]
    assert parsed.accepted == 2


def test_cells_that_hold_separators_and_quotes_come_through_whole() -> None:
    name = 'Lieu "du ; centre"\nau fond'
    quoted = '"' + name.replace('"', '""') + '"'
    parsed = parse_text(part(HEADER, {}) + part(ROTATED, {"id_utilisation": "U-2", "nom_lieu": quoted}))
    assert parsed.rows["nom_lieu"].to_list()[1] == name


def test_the_total_of_each_part_is_no_data() -> None:
    text = (
        part(HEADER, {})
        + "TOTAL"
        + ";" * 13
        + "\n"
        + part(SWAPPED, {"id_utilisation": "U-2"})
        + "TOTAL"
        + ";" * 13
        + "\n"
    )
    parsed = parse_text(text)
    assert (parsed.accepted, parsed.totals, parsed.rejected.height) == (2, 2, 1)


def test_two_different_exports_in_one_file_are_refused_with_the_line() -> None:
    with pytest.raises(Refusal, match="ligne 3 ") as caught:
        parse_text(write_csv("utilisations") + write_csv("prescriptions"))
    assert caught.value.reason == "unknown_layout"


@pytest.mark.parametrize("contract", LAYOUTS, ids=lambda c: c.layout)
def test_parts_of_every_layout(contract: Contract) -> None:
    """Two exports end to end, the second with its columns the other way round: the same rows as one by one."""
    cells = {f.name: f.example or (f.values[0] if f.values else "x") for f in contract.fields}
    key = contract.keys[0].name
    again = cells | {key: cells[key][:-1] + "7"}
    if len(contract.keys) > 1:
        again = cells | {contract.keys[1].name: "0002100007"}
    names, turned = list(cells), list(cells)[::-1]
    whole = [";".join(names), ";".join(cells.values()), ";".join(again[n] for n in names)]
    parts = [*whole[:2], ";".join(turned), ";".join(again[n] for n in turned)]
    expected, found = (parse_text("\n".join(lines) + "\n") for lines in (whole, parts))
    if contract.reshape is None:
        assert found.rows.drop("line").rows() == expected.rows.drop("line").rows()
        assert found.rejected["line"].to_list() == [3]


# --- fields that do not add up ---------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("change", [1, -1])
def test_one_field_too_many_or_too_few_on_every_line_rejects_them_all(separator: str, change: int) -> None:
    """Exports §3. Case 16: the count of each line is kept beside the reason."""
    lines = lines_of(4, separator)
    broken = [line + separator if change > 0 else line.rsplit(separator, 1)[0] for line in lines[1:]]
    parsed = parse_text("\n".join([lines[0], *broken]) + "\n")
    assert (parsed.accepted, parsed.read) == (0, 4)
    assert set(parsed.rejected["reason"]) == {"wrong_field_count"}
    assert set(parsed.rejected["value"]) == {str(14 + change)}


def parse_sheet(text: str) -> Parsed:
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(text.splitlines()):
            sheet.write_row(number, 0, line.split(";"))
    return parse_text(packed.getvalue(), name="f_2022-12-31.xlsx")


def test_a_richer_part_of_a_sheet_keeps_its_own_columns() -> None:
    poor = [n for n in HEADER if n != "nom_lieu"]
    parsed = parse_sheet(part(poor, {}) + part(HEADER, {"id_utilisation": "U-2"}))
    assert parsed.rows["nom_lieu"].to_list() == [None, "Médiathèque"]


def test_a_part_of_a_sheet_is_read_by_its_own_columns() -> None:
    parsed = parse_sheet(part(HEADER, {}) + part(ROTATED, {"id_utilisation": "U-2"}))
    assert parsed.rows["id_utilisation"].to_list() == ["U-1", "U-2"]
    assert parsed.rows["date_remboursement"].to_list() == [date(2021, 12, 31)] * 2
    assert parsed.rejected.select("line", "column_name").rows() == [(3, "id_utilisation")]


def test_a_file_of_which_no_line_is_accepted_says_so_with_both_counts(tmp_path: Path) -> None:
    """Exports §3. Case 16: its rejects stay queryable, the date of the data does not move; a header alone moves it."""
    lines = lines_of(4)
    folders = make_home(tmp_path)
    drop(folders, "a_2022-01-31.csv", write_csv("utilisations"))
    drop(folders, "b_2022-06-30.csv", "\n".join([lines[0], *[line + ";" for line in lines[1:]]]) + "\n")
    drop(folders, "c_2022-07-31.csv", write_csv("budget", {"nature": "x"}))
    done = run(folders)
    told = done["b_2022-06-30.csv"]
    assert (told.outcome, told.lines_read, told.lines_accepted, told.lines_rejected) == ("loaded", 4, 0, 4)
    assert any(
        "Aucune ligne n’est chargée" in note and "a 14 champs, 4 lignes en ont 15" in note for note in told.notes
    )
    assert "la seule ligne lue est rejetée" in done["c_2022-07-31.csv"].notes[0]
    lake = Lake(folders.lake)
    assert lake.greatest_extract_date() == date(2022, 1, 31)
    assert lake_tables(folders)["rejected_line"].filter(pl.col("file_name") == "b_2022-06-30.csv").height == 4
    drop(folders, "d_2022-08-31.csv", lines[0] + "\n")
    run(folders)
    assert lake.greatest_extract_date() == date(2022, 8, 31)


def test_the_first_header_holds_however_rich_a_later_one_is() -> None:
    """What stands above the richer header is data, never title lines."""
    required = ["id_utilisation", "numero_pass", "date_utilisation", "siret_lieu", "montant", "statut"]
    parsed = parse_text(part(required, {}, {"id_utilisation": "U-2"}) + part(HEADER, {"id_utilisation": "U-3"}))
    assert parsed.rows["id_utilisation"].to_list() == ["U-1", "U-2", "U-3"]
    assert parsed.rows["nom_lieu"].to_list() == [None, None, "Médiathèque"]
    assert parsed.rows["duree_minutes"].to_list() == [None, None, 90]


def test_personal_columns_of_a_later_part_are_told(tmp_path: Path) -> None:
    """Exports §4: dropped on entry, and the file's report says so."""
    folders = make_home(tmp_path)
    text = part(HEADER, {}) + part([*HEADER, "email_beneficiaire"], {"id_utilisation": "U-2"})
    drop(folders, "a_2022-01-31.csv", text)
    run(folders)
    (receipt,) = Lake(folders.lake).receipts()
    assert [r for r in receipt.personal_data_dropped if "email_beneficiaire" in r]
