"""Values of one column, type by type: the sentences of exports §1, §2 and §5."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.fr import siret as stdnum_siret

from ingestion.contract import Field, load_contracts
from ingestion.values import DISTINCT_PROBE, Setting, type_column
from tests.unit.ingestion.kit import parse_text, write_csv

CSV, SHEET = Setting(2022), Setting(2022, is_sheet=True)
CONTRACTS = load_contracts()
BAD = object()


def one(field: Field, text: str, setting: Setting = CSV) -> object:
    _, value, is_bad, *_ = type_column(field, pl.Series([text]), setting).row(0)
    return BAD if is_bad else value


def field(dataset: str, name: str) -> Field:
    return CONTRACTS[dataset].field(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30/11/2022", datetime(2022, 11, 30)),
        ("30/11/22", datetime(2022, 11, 30)),
        ("2022-11-30", datetime(2022, 11, 30)),
        ("30/11/2022 14:30", datetime(2022, 11, 30, 14, 30)),
        ("2022-11-30 14:30:59", datetime(2022, 11, 30, 14, 30, 59)),
        ("2022-11-30T14:30:59", datetime(2022, 11, 30, 14, 30, 59)),
        ("2022-11-30T23:30:00Z", datetime(2022, 12, 1, 0, 30)),
        ("2021-12-03 10:45:00+01", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03 10:45:00 +0100", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03T10:45:00+01:00", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03T10:45:00.123456+01:00", datetime(2021, 12, 3, 10, 45, 0, 123456)),
        ("2021-12-03t09:45z", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03 09:45:00 UTC", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03 15:15:00+05:30", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03 04:45:00\u221205", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03 10:54:21+01:09:21", datetime(2021, 12, 3, 10, 45)),
        ("03/12/2021 10:45+01", datetime(2021, 12, 3, 10, 45)),
        ("2021-12-03+01:00", datetime(2021, 12, 3)),
        ("2021-12-03Z", datetime(2021, 12, 3)),
        ("20211203T094500Z", datetime(2021, 12, 3, 10, 45)),
        ("20211203T104500+0100", datetime(2021, 12, 3, 10, 45)),
        ("20211203T104500", datetime(2021, 12, 3, 10, 45)),
        ("20211203T1045+01", datetime(2021, 12, 3, 10, 45)),
        ("20211203T094500.25Z", datetime(2021, 12, 3, 10, 45, 0, 250000)),
        ("20211303T104500Z", BAD),
        ("20211203T10450", BAD),
        ("2021-12-03 10:45:00+99", BAD),
        ("2021-12-03 10:45:00+01:60", BAD),
        ("2021-12-03 10:45:00+1", BAD),
        ("\u00a030/11/2022\u202f", datetime(2022, 11, 30)),
        ("31/02/2022", BAD),
        ("1/2/2022", BAD),
        ("11/30/2022", BAD),
        ("30/11/1822", BAD),
        ("30-11-2022", BAD),
        ("30/11/2022 25:00", BAD),
        ("44895", BAD),
        ("demain", BAD),
        ("", None),
    ],
)
def test_dates(text: str, expected: object) -> None:
    """Exports §2: dd/mm/yyyy, dd/mm/yy, yyyy-mm-dd, with HH:MM, HH:MM:SS or ISO T; serials in XLSX only."""
    assert one(field("utilisations", "date_utilisation"), text) is expected or (
        one(field("utilisations", "date_utilisation"), text) == expected
    )


@pytest.mark.parametrize(("text", "expected"), [("44895", date(2022, 11, 30)), ("44895.5", date(2022, 11, 30))])
def test_serial_dates_of_sheets(text: str, expected: date) -> None:
    assert one(field("emissions", "date_emission"), text, SHEET) == expected


@pytest.mark.parametrize("text", ["12", "90", "600", "9999", "99999"])
def test_a_small_number_is_no_date_of_1900(text: str) -> None:
    """A duration typed in a column of dates would become a day of 1900 without a word: nothing is guessed."""
    assert one(field("emissions", "date_emission"), text, SHEET) is BAD


def test_serial_dates_of_1904_workbooks() -> None:
    assert one(field("emissions", "date_emission"), "43433", Setting(2022, True, True)) == date(2022, 11, 30)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10,00", "10.00"), ("10.00", "10.00"), ("10", "10.00"), ("10,5", "10.50"), ("1_234,50", "1234.50"),
        ("10,00_€", "10.00"), ("10,00€", "10.00"), ("1_234_567,89_€", "1234567.89"), ("0", "0.00"),
    ],
)  # fmt: skip
def test_amounts(text: str, expected: str, space: str) -> None:
    """Exports §2: 10,00 10.00 1 234,50 10,00 € with ordinary, no-break and narrow no-break spaces."""
    assert one(field("utilisations", "montant"), text.replace("_", space)) == Decimal(expected)


@pytest.mark.parametrize(
    "text", ["1.234,50", "1,234.50", "10,005", "-3,00", "1 2", "1,23E+13", "dix", "10 $", ",5", "9" * 30]
)
def test_amounts_that_would_have_to_be_guessed_are_bad(text: str) -> None:
    assert one(field("utilisations", "montant"), text) is BAD


@pytest.mark.parametrize(
    ("text", "expected", "repaired"),
    [
        ("94080", "94080", False),
        ("1004", "01004", True),
        ("2a004", "2A004", False),
        ("93", BAD, False),
        ("9408O", BAD, False),
    ],
)
def test_insee_codes(text: str, expected: object, repaired: bool) -> None:
    """Exports §2: a lost leading zero is repaired by padding to 5."""
    typed = type_column(field("emissions", "code_insee"), pl.Series([text]), CSV)
    assert (BAD if typed["is_bad"][0] else typed["value"][0]) is expected or typed["value"][0] == expected
    assert typed["is_repaired"][0] == repaired


@pytest.mark.parametrize(
    ("text", "expected", "repaired", "doubtful"),
    [
        ("21940080900014", "21940080900014", False, False),
        ("219 400 809\u00a000014", "21940080900014", False, False),
        ("21940080900019", "21940080900019", False, True),
        ("35600000000048", "35600000000048", False, False),
        ("35600000049837", "35600000049837", False, False),
        ("35600000049838", "35600000049838", False, True),
        ("5420021000015", None, None, None),
        ("1,23E+13", None, None, None),
        ("00000000000000", None, None, None),
        ("0000 0000 0000 00", None, None, None),
        ("123", None, None, None),
    ],
)
def test_sirets(text: str, expected: str | None, repaired: bool | None, doubtful: bool | None) -> None:
    """Exports §5: 14 digits or it is a bad value; digits that fail the check are kept, with a field issue."""
    typed = type_column(field("utilisations", "siret_lieu"), pl.Series([text]), CSV)
    if expected is None:
        assert typed["is_bad"][0]
    else:
        assert typed.row(0) == (text, expected, False, repaired, doubtful, False, False, None)


def test_a_siret_that_lost_its_zeros_is_padded_only_if_its_check_digits_then_hold() -> None:
    """Exports §2: without its zeros it comes back; one digit off, it does not."""
    valid = next(f"005420021{n:05d}" for n in range(10, 200) if stdnum_siret.is_valid(f"005420021{n:05d}"))
    typed = type_column(field("utilisations", "siret_lieu"), pl.Series([valid[2:], str(int(valid[2:]) + 1)]), CSV)
    assert typed["value"].to_list() == [valid, None]
    assert typed["is_repaired"].to_list() == [True, False]


@settings(max_examples=200, deadline=None)
@given(st.builds("{:013d}{}".format, st.integers(0, 10**13 - 1), st.integers(1, 9)))  # a regex makes all of Unicode
def test_sirets_that_stdnum_holds_are_never_doubtful(text: str) -> None:
    typed = type_column(field("utilisations", "siret_lieu"), pl.Series([text]), CSV)
    assert typed["value"][0] == text
    if stdnum_siret.is_valid(text):
        assert not typed["is_doubtful"][0]


@pytest.mark.parametrize(
    ("dataset", "name", "text", "expected"),
    [
        ("prescriptions", "statut", " Validée ", "validee"),
        ("prescriptions", "statut", "ANNULÉE", "annulee"),
        ("prescriptions", "statut", "valide", BAD),
        ("prescriptions", "annee_naissance", "1968", 1968),
        ("prescriptions", "annee_naissance", "1899", BAD),
        ("prescriptions", "annee_naissance", "2023", BAD),
        ("prescriptions", "annee_naissance", "68", BAD),
        ("utilisations", "duree_minutes", "600", 600),
        ("utilisations", "duree_minutes", "601", BAD),
        ("utilisations", "duree_minutes", "0", BAD),
        ("utilisations", "duree_minutes", "90,0", 90),
        ("utilisations", "duree_minutes", "1h30", BAD),
        ("utilisations", "numero_pass", "0002 100\u00a0001", "0002100001"),
        ("utilisations", "numero_pass", "1,23E+13", BAD),
        ("emissions", "numero_carnet", " mgp-2021-1 ", "MGP-2021-1"),
        ("emissions", "numero_carnet", "A B C D", BAD),
        ("emissions", "premier_pass", "1234567", BAD),
        ("lieux", "latitude", "48,84", 48.84),
        ("lieux", "latitude", "91", BAD),
        ("budget", "ami", "3", BAD),
        ("utilisations", "nom_lieu", "=cmd|'/c calc'!A1", "=cmd|'/c calc'!A1"),
        ("utilisations", "nom_lieu", "a\x00b", BAD),
        ("budget", "categorie", "valeur faciale", "valeur_faciale"),
        ("budget", "categorie", "Valeur\u00a0Faciale", "valeur_faciale"),
        ("budget", "categorie", "Frais  émission", "frais_emission"),
        ("budget", "categorie", "valeurfaciale", BAD),
        ("prescriptions", "genre", "Non communiqué", "non_communique"),
    ],
)  # fmt: skip
def test_other_types(dataset: str, name: str, text: str, expected: object) -> None:
    """Exports §1: patterns, ranges, enumerations without case, accents and surrounding blanks."""
    found = one(field(dataset, name), text)
    assert found is expected or found == expected


def test_a_column_of_few_values_is_typed_like_any_other() -> None:
    """The short cut for repeated values gives what the long way gives, in the order of the lines."""
    cells = pl.Series([" 10,00 ", "x", None, "1 234,50", "  "] * DISTINCT_PROBE)
    typed = type_column(field("utilisations", "montant"), cells, CSV)
    assert typed["text"].to_list() == ["10,00", "x", None, "1 234,50", None] * DISTINCT_PROBE
    assert typed["value"].to_list() == [Decimal("10.00"), None, None, Decimal("1234.50"), None] * DISTINCT_PROBE
    assert typed["is_bad"].to_list() == [False, True, False, False, False] * DISTINCT_PROBE
    assert not typed["is_repaired"].any()


@pytest.mark.parametrize("cell", ["21940080900019", "123", " 21940080900014 "])
def test_what_is_said_of_a_repeated_cell_is_said_of_each(cell: str) -> None:
    """A doubt or a fault that some distinct cell bears reaches every line of that cell, and no other."""
    cells = [cell, "35600000000048"]
    alone = type_column(field("utilisations", "siret_lieu"), pl.Series(cells), CSV)
    many = type_column(field("utilisations", "siret_lieu"), pl.Series(cells * DISTINCT_PROBE), CSV)
    assert many.equals(pl.concat([alone] * DISTINCT_PROBE))


@pytest.mark.parametrize("quote", ['="{}"', '"=""{}"""', ' ="{}" '])
def test_a_text_that_a_formula_protects_is_the_text_inside(quote: str) -> None:
    """Exports §2, Excel's damage: `="0021000601"` keeps the zeros in Excel; it is neither a bad number nor a key."""
    cells = {"id_utilisation": "U-9", "numero_pass": "0021000601", "nom_lieu": "A, b", "id_session": " "}
    parsed = parse_text(write_csv("utilisations", {name: quote.format(cell) for name, cell in cells.items()}))
    row = parsed.rows.select(*cells).row(0)
    assert row == ("U-9", "0021000601", "A, b", None)
    assert parsed.issues.is_empty()


@pytest.mark.parametrize("text", ['="a"b"', '=A1&"b"', '="a', '="'])
def test_another_formula_stays_the_text_it_is(text: str) -> None:
    assert one(field("utilisations", "nom_lieu"), text) == text
