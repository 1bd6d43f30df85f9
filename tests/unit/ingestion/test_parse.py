"""What becomes of a line: one reason each, and an accounting that is exact (exports §3, §5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.ingestion.kit import ROWS, SIRET, parse_text, read, write_csv

HEADER = "code_service;libelle;modalite;duree_minutes;nb_pass;niveau\n"


def rejects(text: str) -> list[tuple]:
    return parse_text(text).rejected.rows()


def test_lines_are_counted_once_and_only_once() -> None:
    """lines_read = accepted + rejected + duplicate; blank, title and TOTAL lines are counted apart."""
    text = (
        "Catalogue au 31/12\n\n" + HEADER + "A;un;collectif;90;1;decouvrir\n;;;;;\nA;un;collectif;90;1;decouvrir\n"
        ";deux;;;;\nB;;;;;\nC;x;y\n\nD;quatre;;;;\nTotal;4;;;;\n\n"
    )
    parsed = parse_text(text)
    assert (parsed.read, parsed.accepted, parsed.rejected.height, parsed.duplicate) == (6, 2, 3, 1)
    assert (parsed.blanks, parsed.totals) == (4, 1)
    assert rejects(text) == [
        (7, "code_service", None, "missing_key"),
        (8, "libelle", None, "missing_value"),
        (9, None, "3", "wrong_field_count"),
    ]


def test_the_first_reason_holds() -> None:
    """Exports §5: wrong_field_count, missing_key, then the columns in contract order."""
    text = write_csv(
        "utilisations",
        {"id_utilisation": "", "numero_pass": "x"},
        {"numero_pass": "", "montant": "x"},
        {"montant": "x", "siret_lieu": "y"},
        {"statut": "inconnu"},
    )
    assert [(c, v, r) for _, c, v, r in rejects(text)] == [
        ("id_utilisation", None, "missing_key"),
        ("numero_pass", None, "missing_value"),
        ("siret_lieu", "A", "invalid_value"),
        ("statut", "AAAAAAA", "invalid_value"),
    ]


@pytest.mark.parametrize(
    ("first", "last", "is_kept"),
    [
        ("0002100001", "0002100010", True),
        ("0002100001", "0002100001", True),
        ("0002100001", "0002100050", True),
        ("0002100001", "0002100051", False),
        ("0002100010", "0002100001", False),
        ("0002100001", "00002100010", False),
    ],
)
def test_the_passes_of_a_carnet(first: str, last: str, is_kept: bool) -> None:
    """Exports §5: last below first, of another length or more than 49 above is a bad value of dernier_pass."""
    parsed = parse_text(write_csv("emissions", {"premier_pass": first, "dernier_pass": last}))
    assert parsed.accepted == int(is_kept)
    if not is_kept:
        assert parsed.rejected.row(0) == (2, "dernier_pass", last, "invalid_value")


def test_a_bad_optional_value_becomes_empty_and_is_told() -> None:
    """Exports §1: a bad optional value becomes NULL and is recorded; the row is kept."""
    parsed = parse_text(write_csv("utilisations", {"duree_minutes": "9999", "modalite": "visio"}))
    assert parsed.accepted == 1
    assert parsed.rows.select("duree_minutes", "modalite").row(0) == (None, None)
    assert [(c, v, r) for _, c, v, r in parsed.issues.rows()] == [
        ("modalite", "AAAAA", "invalid_value"),
        ("duree_minutes", "9999", "invalid_value"),
    ]


def test_a_siret_that_fails_the_check_is_kept_with_an_issue() -> None:
    parsed = parse_text(write_csv("utilisations", {"siret_lieu": "21940080900019"}))
    assert parsed.rows["siret_lieu"].to_list() == ["21940080900019"]
    assert parsed.issues.row(0) == (2, "siret_lieu", "21940080900019", "invalid_check_digits")


def test_issues_are_those_of_kept_lines_only() -> None:
    parsed = parse_text(write_csv("utilisations", {"duree_minutes": "x", "montant": "y"}))
    assert parsed.rejected.height == 1
    assert parsed.issues.height == 0


def test_duplicates_are_compared_after_parsing_over_all_contract_columns() -> None:
    """10,00 and 10.00 €, validée and VALIDEE are the same line; another reference is another version."""
    same = {"id_utilisation": "U"}
    parsed = parse_text(
        write_csv(
            "utilisations",
            same,
            same | {"montant": "10.00 €", "statut": "REMBOURSÉE", "date_utilisation": "2021-11-30T14:30"},
            same | {"reference_remboursement": "CP-2"},
        )
    )
    assert (parsed.accepted, parsed.duplicate) == (2, 1)
    assert parsed.rows["line"].to_list() == [2, 4]
    assert parsed.absorbed.rows() == [(3, 2, "copy")]


def test_the_passes_of_a_carnet_say_in_which_line_they_are_united() -> None:
    """One row a pass: the carnet is on its first line, which stands for the others; a copy stands on its own first."""
    header = "numero_carnet;numero_pass;valeur_faciale;code_insee;date_emission;date_fin_validite;statut\n"
    passes = [f"C001;000210000{n};10,00;94080;01/01/2021;31/12/2022;livre\n" for n in (1, 2, 2, 3)]
    parsed = parse_text(header + "".join(passes))
    assert parsed.rows["line"].to_list() == [2]
    assert parsed.absorbed.rows() == [(3, 2, "part"), (4, 3, "copy"), (5, 2, "part")]
    assert (parsed.accepted, parsed.duplicate) == (3, 1)


def test_two_years_of_birth_are_two_lines() -> None:
    """Duplicates are compared before the year of birth becomes an age band."""
    same = {"id_prescription": "P"}
    parsed = parse_text(write_csv("prescriptions", same, same | {"annee_naissance": "1969"}, same))
    assert (parsed.accepted, parsed.duplicate) == (2, 1)


def test_two_spellings_of_a_person_are_one_line() -> None:
    """Exports §4: lines that differ by case, blanks, hyphens or the `.0` of a number alone are copies.

    Another person, or nobody, is another version. What is kept is as it was written.
    """
    people = ["ben-A", "BEN A", "ben\u2011a", "benA.0", "ben-B", ""]
    parsed = parse_text(write_csv("prescriptions", *({"id_prescription": "P", "id_beneficiaire": p} for p in people)))
    assert parsed.absorbed.rows() == [(3, 2, "copy"), (4, 2, "copy")]
    assert (parsed.read, parsed.accepted, parsed.duplicate) == (6, 4, 2)
    assert parsed.rows["id_beneficiaire"].to_list() == ["ben-A", "benA.0", "ben-B", None]
    numbers = ["12", "12.0", "12,00", "012"]
    parsed = parse_text(write_csv("prescriptions", *({"id_prescription": "P", "id_beneficiaire": n} for n in numbers)))
    assert (parsed.accepted, parsed.duplicate) == (2, 2)


def test_a_copy_of_a_rejected_line_is_rejected_too() -> None:
    """Exports §5."""
    parsed = parse_text(write_csv("services", {"libelle": ""}, {"libelle": ""}))
    assert (parsed.rejected.height, parsed.duplicate) == (2, 0)


def test_an_absent_optional_column_is_null_throughout() -> None:
    """Exports §5."""
    parsed = parse_text("code_service;libelle\nA;un\n")
    assert parsed.rows.row(0) == (2, "A", "un", None, None, None, None)


def test_columns_in_any_order_and_unknown_ones() -> None:
    """Exports §2: headers in any order; unknown extra columns are dropped."""
    parsed = parse_text("couleur;LIBELLÉ;Code Service\nbleu;un;a\n")
    assert parsed.rows.select("code_service", "libelle").row(0) == ("A", "un")
    assert "couleur" not in parsed.rows.columns


def test_a_trailing_separator_is_no_fault_and_never_hides_a_shift() -> None:
    """Exports §3: one empty field more on every record, the header included; anything else is wrong_field_count."""
    assert parse_text("code_service;libelle;\nA;un;\n").accepted == 1
    assert rejects("code_service;libelle;\nA;un;x\nB;deux\n") == [
        (2, None, "3", "wrong_field_count"),
        (3, None, "2", "wrong_field_count"),
    ]
    assert rejects("code_service;libelle\nA;un;\n") == [(2, None, "3", "wrong_field_count")]


@pytest.mark.parametrize(
    "total", ["TOTAL;2;;;;", "Total général;;;;90;", "total : 3 lignes", ";Tôtal;;;;", '"TOTAL";;;;;']
)
def test_a_closing_total_line_is_not_data(total: str) -> None:
    """Exports §2, §3."""
    parsed = parse_text(f"{HEADER}A;un;;;;\n{total}\n\n")
    assert (parsed.read, parsed.totals, parsed.rejected.height) == (1, 1, 0)


def test_a_total_that_does_not_close_the_file_is_a_data_line() -> None:
    parsed = parse_text(f"{HEADER}TOTAL;;;;;\nA;un;;;;\n")
    assert (parsed.read, parsed.totals, parsed.rejected.height) == (2, 0, 1)


def test_a_last_line_whose_key_only_begins_so_is_data() -> None:
    parsed = parse_text(f"{HEADER}A;un;;;;\nTotal Énergies;Atelier;;;;\n")
    assert (parsed.read, parsed.totals) == (2, 0)


@pytest.mark.parametrize(("column", "reason"), [("adresse", "missing_value"), ("id", "missing_key")])
def test_a_last_line_that_only_begins_so_and_lacks_one_value_is_told(column: str, reason: str) -> None:
    """Set apart as a TOTAL, a lieu « Total Énergies » without address would be lost without a word."""
    lieu = {"id": "Total Énergies", "nom": "Total Énergies"}
    parsed = parse_text(write_csv("lieux", lieu | {column: ""}))
    assert parsed.rejected.select("line", "column_name", "reason").rows() == [(2, column, reason)]
    assert parsed.totals == 0


def test_a_year_of_birth_after_the_prescription_is_an_issue() -> None:
    parsed = parse_text(write_csv("prescriptions", {"annee_naissance": "2022"}))
    assert parsed.rows["annee_naissance"].to_list() == [None]
    assert parsed.issues.row(0) == (2, "annee_naissance", "***", "invalid_value")


@pytest.mark.parametrize("dataset", ROWS)
def test_a_right_line_of_every_export_is_accepted_whole(dataset: str) -> None:
    parsed = parse_text(write_csv(dataset))
    assert (parsed.read, parsed.accepted, parsed.issues.height) == (1, 1, 0)
    assert read(write_csv(dataset)).contract.dataset == dataset
    absent = [c for c, v in parsed.rows.row(0, named=True).items() if v is None]
    assert not set(absent) & set(ROWS[dataset])


def test_typed_values_of_one_redemption() -> None:
    row = parse_text(write_csv("utilisations")).rows.row(0, named=True)
    assert row["montant"] == Decimal("10.00")
    assert row["date_remboursement"] == date(2021, 12, 31)
    assert (row["siret_lieu"], row["numero_pass"], row["duree_minutes"]) == (SIRET, "0002100001", 90)


LINE = st.sampled_from(
    [
        "A;un;collectif;90;1;decouvrir",
        "B;deux;;;;",
        ";x;;;;",
        "C;;;;;",
        "D;a;b",
        ";;;;;",
        "",
        'E;"a\nb";;;;',
        "F;f;;;;;",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=12))
def test_the_accounting_is_exact_whatever_the_lines(lines: list[str]) -> None:
    """Every line is a data line or a blank one; every data line has one fate."""
    parsed = parse_text(HEADER + "".join(f"{line}\n" for line in lines))
    data = [line for line in lines if line.strip(";")]
    accepted = {line for line in data if line[0] in "ABE"}
    assert parsed.read == len(data)
    assert parsed.accepted == len(accepted)
    assert parsed.rejected.height == sum(line[0] not in "ABE" for line in data)
    assert parsed.read == parsed.accepted + parsed.rejected.height + parsed.duplicate
    assert parsed.blanks == len(lines) - len(data)
