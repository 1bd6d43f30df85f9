"""Words for nothing, error cells, identifiers that Excel rewrote, damaged texts: one rule for every contract."""

from __future__ import annotations

import re

import polars as pl
import pytest

from ingestion.contract import Contract, load_layouts
from ingestion.damage import find_damaged_text
from ingestion.nothing import ERROR_MARK, UNCALCULATED_MARK
from ingestion.personal import PERSON_LEVEL
from tests.some import some
from tests.unit.ingestion.kit import parse_text, write_csv

LAYOUTS = load_layouts()
WORDS = [
    "NULL",
    "null",
    "Null",
    "\\N",
    "NA",
    "na",
    "N/A",
    "n/a",
    "#N/A",
    "none",
    "None",
    "NaN",
    "nan",
    "-",
    " NULL ",
    "--",
    "—",
    "–",
]
ERRORS = [
    "#DIV/0!",
    "#REF!",
    "#VALUE!",
    "#VALEUR!",
    "#NAME?",
    "#NOM?",
    "#NUM!",
    "#NOMBRE!",
    "#NULL!",
    "#ERROR!",
    "#ERREUR!",
    "#EPARS!",
]


def line_of(contract: Contract, **changes: str) -> str:
    """One right line of a layout, from its examples, with other values."""
    cells = {f.name: f.example or (f.values[0] if f.values else "x") for f in contract.fields} | changes
    return ";".join(cells) + "\n" + ";".join(cells.values()) + "\n"


@pytest.mark.parametrize("contract", LAYOUTS, ids=lambda c: c.layout)
def test_a_word_for_nothing_is_an_empty_value_in_every_column_of_every_contract(
    contract: Contract, exhaustive: bool
) -> None:
    """Exports §2: empty, with one field issue (null_word); missing in a K or C column. Case 04."""
    for number, field in some(list(enumerate(contract.fields)), 3, exhaustive):
        word = WORDS[number % len(WORDS)]
        parsed = parse_text(line_of(contract, **{field.name: word}))
        if field.is_required:
            reason = "missing_key" if field.role == "K" else "missing_value"
            found = [r for r in parsed.rejected.rows() if r[1] == field.name]
            assert found == [(2, field.name, word.strip(), reason)]
        elif contract.reshape is None:
            assert parsed.rows[field.name].to_list() == [None], field.name
            shown = "***" if field.personal else word.strip()
            assert (2, field.name, shown, "null_word") in parsed.issues.rows()


@pytest.mark.parametrize("word", WORDS)
def test_every_word_in_every_case(word: str) -> None:
    parsed = parse_text(write_csv("utilisations", {"id_session": word, "nom_lieu": word}))
    assert parsed.rows.select("id_session", "nom_lieu").row(0) == (None, None)
    assert [(c, r) for _, c, _, r in parsed.issues.rows()] == [("nom_lieu", "null_word"), ("id_session", "null_word")]


@pytest.mark.parametrize("word", ["NULLE PART", "Nana", "N/A voir l’accueil", "none-1", "- -", "— x", "NAN-01", "A-"])
def test_a_word_that_only_begins_so_is_a_value(word: str) -> None:
    parsed = parse_text(write_csv("utilisations", {"nom_lieu": word}))
    assert parsed.rows["nom_lieu"].to_list() == [word]
    assert parsed.issues.is_empty()


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("mark", ["", ERROR_MARK])
def test_an_error_cell_is_an_empty_value(error: str, mark: str) -> None:
    """Exports §2: Excel's error cells likewise (error_cell), from a workbook or written as text. Case 07."""
    parsed = parse_text(write_csv("utilisations", {"modalite": mark + error}, {"montant": mark + error}))
    assert parsed.issues.rows() == [(2, "modalite", error, "error_cell")]
    assert parsed.rejected.rows() == [(3, "montant", error, "missing_value")]


def test_a_formula_never_calculated_is_told_so_in_optional_and_required_columns() -> None:
    """Exports §2, uncalculated_formula. Case 08."""
    parsed = parse_text(write_csv("utilisations", {"duree_minutes": UNCALCULATED_MARK}, {"montant": UNCALCULATED_MARK}))
    assert parsed.issues.rows() == [(2, "duree_minutes", "formule non calculée", "uncalculated_formula")]
    assert parsed.rejected.rows() == [(3, "montant", "formule non calculée", "missing_value")]


def test_the_short_cut_for_repeated_values_tells_the_same() -> None:
    """More lines than are typed one by one: each has its issue."""
    many = [{"id_session": "NULL", "nom_lieu": "dÃ©mo"}] * 5_000
    parsed = parse_text(write_csv("utilisations", *many))
    counts = dict(parsed.issues.group_by("reason").len().rows())
    assert (counts, parsed.accepted) == ({"null_word": 5_000, "damaged_text": 5_000}, 5_000)


@pytest.mark.parametrize("value", ["2,02211E+15", "2.02211e+15", "2,02211E15", "2E+15", "12-mars", "mars-21", "#####"])
@pytest.mark.parametrize("contract", LAYOUTS, ids=lambda c: c.layout)
def test_an_identifier_rewritten_by_excel_is_never_a_key(contract: Contract, value: str, exhaustive: bool) -> None:
    """Exports §2: in id_*, numero_*, pivot, references: invalid_value. Case 05."""
    exact = [f for f in contract.fields if f.is_identifier]
    names = {f.name for f in exact}
    assert {f.name for f in contract.fields if f.type in ("text", "code")} & {
        "id", "id_utilisation", "id_prescription", "id_ecriture", "id_session", "id_beneficiaire", "numero_carnet",
        "numero_lot", "bon_commande", "reference", "reference_remboursement", "code_service", "pivot",
    } <= names  # fmt: skip
    for field in some(exact, 4, exhaustive):
        parsed = parse_text(line_of(contract, **{field.name: value}))
        shape = re.sub("[^\\W\\d_]", "A", re.sub("[0-9]", "9", value))
        shown = "***" if field.personal else shape if contract.dataset in PERSON_LEVEL else value
        found = parsed.rejected if field.is_required else parsed.issues
        if contract.reshape is None or field.is_required:
            assert (2, field.name, shown, "invalid_value") in found.rows(), field.name


@pytest.mark.parametrize("value", ["1E5", "2022-11", "MARS-21", "SAN-12", "E+15", "12-MARS", "#1", "2,5"])
def test_an_identifier_that_only_looks_so_is_kept(value: str) -> None:
    parsed = parse_text(write_csv("utilisations", {"id_utilisation": value, "id_session": value}))
    assert (parsed.accepted, parsed.issues.height) == (1, 0)


@pytest.mark.parametrize("pivot", ["00000000000000", "0000 0000 0000 00", "0"])
def test_a_pivot_of_zeros_alone_is_a_bad_value(pivot: str) -> None:
    """Exports §2."""
    assert parse_text(write_csv("lieux", {"pivot": pivot})).rejected.rows() == [(2, "pivot", pivot, "invalid_value")]


@pytest.mark.parametrize("encoded", ["cp1252", "latin-1", "mac_roman", "cp850", "cp437"])
@pytest.mark.parametrize("word", ["démonstration", "Médiathèque", "à la Fête", "Noël", "reçu", "l’accès", "n° 2", "À"])
def test_a_text_encoded_twice_is_told(encoded: str, word: str) -> None:
    """Exports §2: double-encoded UTF-8, whatever it was taken for: a field issue, the text kept. Case 17."""
    damaged = word.encode().decode(encoded, errors="replace").strip("\u00a0 ")
    parsed = parse_text(write_csv("utilisations", {"nom_lieu": damaged}))
    assert parsed.issues.rows() == [(2, "nom_lieu", damaged, "damaged_text")]
    assert parsed.rows["nom_lieu"].to_list() == [damaged]


@pytest.mark.parametrize(
    "damaged",
    ["M\ufffddia", "caf&eacute;", "caf&#233;", "caf&#xE9;", "Fran&ccedil;ois", "A &amp; B", "M‚diathŠque",
     "mÚdiathÞque", "mÈdiathËque", "lÃ", "10 â‚¬", "cÅ“ur", "dÃƒÂ©jÃƒÂ "],
)  # fmt: skip
def test_other_kinds_of_damage(damaged: str) -> None:
    parsed = parse_text(write_csv("utilisations", {"nom_lieu": f'"{damaged}"'}))
    assert [r for *_, r in parsed.issues.rows()] == ["damaged_text"]


@pytest.mark.parametrize(
    "right",
    ["« L’Été » – où ça… 10 €", "CÔTÉ “É”", "JUSQU’À L’HÔTEL", "AT&T; R&D", "José Muñoz", "Šárka", "CAFÉ’S", "n° 2",
     "FORÊT : À VOIR »", "Île-Saint-Denis", "Maître Œuvre", "João", "http://x.fr/?a=1&b=2;c", "ÎLOT n°3", "½ journée",
     "L’Haÿ-les-Roses", "PÂQUES", "Bâle-Österreich", "’Âge", "Ångström"],
)  # fmt: skip
def test_a_right_text_is_not_damaged(right: str) -> None:
    assert find_damaged_text(pl.Series([right])) is None
