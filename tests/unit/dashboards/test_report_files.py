"""Which produced files a reader may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.access import TEAM, Rights
from dashboards.report_files import list_reports

BILAN, LETTERS, CELLS = "bilan/2023/edition-1/bilan.pdf", "qualite/lettres/lieu.html", ".registre/0001.csv"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A reports folder with what the committee reads, what is the team's, and the register of withheld cells."""
    for name in (BILAN, LETTERS, CELLS, "bilan/2023/edition-1/manifest.json", "anct/.brouillon/cellules.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    return tmp_path


@pytest.mark.parametrize(
    ("rights", "seen"),
    [(TEAM, {BILAN, LETTERS}), (Rights("comite"), {BILAN}), (Rights("territoire", "94080"), set())],
)
def test_a_reader_takes_the_reports_of_its_role_and_never_a_hidden_one(
    reports: Path, rights: Rights, seen: set[str]
) -> None:
    assert {str(path) for path in list_reports(reports, rights)} == seen


def test_a_home_without_reports_has_none(tmp_path: Path) -> None:
    assert list_reports(tmp_path / "absent", TEAM) == []
