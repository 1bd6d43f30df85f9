"""How long each place is kept, and why: read whole, or refused with the line to mend."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER, load_programme
from programme.conservation import FILE, PLACES, load_retention
from programme.errors import ProgrammeError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the settings."""
    ignored = shutil.ignore_patterns("*.py", "__pycache__")
    return Path(shutil.copytree(PROJECT_FOLDER, tmp_path / "programme", ignore=ignored))


def _written(folder: Path, old: str, new: str) -> str:
    path = folder / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ProgrammeError) as refused:
        load_retention(folder)
    return str(refused.value)


def test_every_place_has_a_duration_and_a_reason(folder: Path) -> None:
    """Those of originals are the setting of the programme, written once; what the law keeps is told as such."""
    found = load_retention(folder)
    assert tuple(found) == PLACES
    assert found["originaux"].months == load_programme(folder).retention_months
    assert {place for place, one in found.items() if one.is_law} == {"pseudonymes", "comptes"}
    assert all(len(one.reason) > 20 for one in found.values())
    assert found["quarantaine"].ends_before(date(2026, 11, 26)) == date(2025, 11, 26)


def test_a_folder_without_the_file_has_the_project_s(folder: Path) -> None:
    (folder / FILE).unlink()
    assert load_retention(folder) == load_retention(PROJECT_FOLDER)


def test_what_cannot_be_followed_is_refused_with_its_line(folder: Path) -> None:
    assert "ligne 3, colonne « mois », valeur « 0 » : valeur refusée" in _written(
        folder, "quarantaine;12", "quarantaine;0"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("journaux;6", "journal;6", "colonne « endroit », valeur « journal »"),
        ("journaux;6", "analystes;6", "endroit écrit deux fois"),
        ("versions;24;choix", "versions;24;habitude", "Écrivez « choix »"),
        ("originaux;;", "originaux;60;", "retention_months"),
        ("versions;24", "versions;", "durée mal placée"),
    ],
)
def test_mistakes_are_told(folder: Path, old: str, new: str, told: str) -> None:
    assert told in _written(folder, old, new)


def test_an_absent_place_is_named(folder: Path) -> None:
    path = folder / FILE
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("rapports")), encoding="utf-8")
    with pytest.raises(ProgrammeError, match="endroits absents : rapports"):
        load_retention(folder)
