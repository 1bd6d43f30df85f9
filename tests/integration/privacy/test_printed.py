"""What `passnum check` and `passnum map` print of an export of people that nobody has seen: never a raw cell of one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingestion.contract import CONTRACTS_FOLDER, CONTRACTS_VARIABLE
from orchestration.cli import app
from tests.unit.ingestion.kit import ROWS, write_csv

#: Foreign headers of the fields of a prescription; those outside the contract last.
HEADERS = {
    "id_prescription": "rx id", "numero_carnet": "chequier remis", "date_prescription": "remis a la personne le",
    "siret_prescripteur": "siret prescr", "nom_prescripteur": "nom de la structure presc", "code_insee": "insee presc",
    "id_beneficiaire": "identifiant benef", "annee_naissance": "ne en", "genre": "genre benef",
    "statut": "statut presc",
}  # fmt: skip
BARE = "Zéphyrine Fauxnom"
EXTRA = {"suivi par": BARE, "divers": "zephyrine.fauxnom@courriel.example", "Zéphyrine Fauxnom-Piste": "x",
         "remarque": "CODE-SECRET-7"}  # fmt: skip


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifteen prescriptions under those headers; a person's name in every column of one line or another."""
    contracts = shutil.copytree(CONTRACTS_FOLDER, tmp_path / "contracts")
    monkeypatch.setenv(CONTRACTS_VARIABLE, str(contracts))
    lines = []
    for number, name in enumerate([*HEADERS, *["-"] * 5]):
        row = ROWS["prescriptions"] | {
            "id_prescription": f"PR-SECRET-{number}", "numero_carnet": f"MGP-SECRET-{number:04d}",
            "id_beneficiaire": f"B-SECRET-{number}", "nom_prescripteur": f"Conseillère Fauxnom {number}",
        }  # fmt: skip
        row |= {name: BARE} if name in row else {}
        lines.append(";".join([*(row[n] for n in HEADERS), *EXTRA.values()]))
    path = tmp_path / "etrange_2022-12-31.csv"
    path.write_text(";".join([*HEADERS.values(), *EXTRA]) + "\n" + "\n".join(lines[::-1]) + "\n", encoding="utf-8")
    return path


def _said(*arguments: str, answer: str = "n\n") -> str:
    result = CliRunner().invoke(app, [*arguments], input=answer)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return str(result.output)


@pytest.mark.parametrize("command", ["check", "map"])
def test_no_cell_of_a_person_is_printed(command: str, foreign: Path, tmp_path: Path) -> None:
    """Identifiers, carnets, names, free texts: their shape, a mask, or nothing; headers that are a name neither."""
    said = _said(command, str(foreign), "--home", str(tmp_path / "home"))
    assert "Prescriptions" in said or "prescriptions" in said
    for raw in ("Fauxnom", "phyrine", "SECRET", "courriel.example"):
        assert raw not in said, raw
    if command == "map":
        assert re.search(r"AA-AAAAAA-9", said), "the shapes are there: columns can be told apart"


def test_a_file_of_the_contract_shows_how_it_is_read_without_its_people(tmp_path: Path) -> None:
    """`check` of a right export: three lines, by their shapes."""
    path = tmp_path / "prescriptions_2022-12-31.csv"
    changes = [{"id_beneficiaire": "B-SECRET", "nom_prescripteur": f"Conseillère Fauxnom {n}"} for n in range(3)]
    path.write_text(write_csv("prescriptions", *changes), encoding="utf-8")
    said = _said("check", str(path), "--home", str(tmp_path / "home"))
    assert "Fauxnom" not in said and "SECRET" not in said and "MGP-2021" not in said
    assert "AAA-9999-9999" in said
