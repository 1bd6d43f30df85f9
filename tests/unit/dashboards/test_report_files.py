"""Which produced files a reader may take."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashboards.access import TEAM, Rights
from dashboards.report_files import NotAReport, has_report, list_reports, read_report

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


def test_the_committee_has_what_is_protected_and_not_the_accountants_file(reports: Path) -> None:
    """The yearly account masks nothing (D. 1611-25): a payment of three passes, a lieu, a date."""
    for name in ("mandat/2023/edition-1/contre_paiements.csv", "open-data/2023/edition-1/publics.csv"):
        (reports / name).parent.mkdir(parents=True)
        (reports / name).write_text("x")
    committee = {path.parts[0] for path in list_reports(reports, Rights("comite"))}
    assert committee == {"bilan", "open-data"}
    assert {path.parts[0] for path in list_reports(reports, TEAM)} >= {"mandat", "open-data"}


def test_the_files_of_the_passes_to_save_are_listed_by_their_own_page(reports: Path) -> None:
    """A hundred files a version would hide the reports; the page « Pass à sauver » reads each by its name."""
    name = "pass-a-sauver/2023-12-31-x/territoire-94080.xlsx"
    (reports / name).parent.mkdir(parents=True)
    (reports / name).write_text("x")
    assert {path.parts[0] for path in list_reports(reports, TEAM)} == {"bilan", "qualite"}
    assert read_report(reports, name) == b"x"


def test_a_home_without_reports_has_none(tmp_path: Path) -> None:
    assert list_reports(tmp_path / "absent", TEAM) == []


@pytest.fixture
def planted(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What somebody puts among the reports to have the pages give a file of elsewhere."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.csv").write_text("not a report")
    (reports / "bilan" / "link.csv").symlink_to(outside / "secret.csv")
    (reports / "bilan" / "inside.pdf").symlink_to(reports / CELLS)
    (reports / "bilan" / "folder").symlink_to(outside, target_is_directory=True)
    (reports / "anct" / "name.csv").hardlink_to(outside / "secret.csv")
    (reports / "anct" / "hidden.csv").hardlink_to(reports / CELLS)
    os.mkfifo(reports / "anct" / "pipe.csv")
    return ["bilan/link.csv", "bilan/inside.pdf", "bilan/folder/secret.csv", "anct/name.csv", "anct/hidden.csv"]


def test_a_link_or_a_second_name_is_neither_offered_nor_read(reports: Path, planted: list[str]) -> None:
    # The register has a second name now, and is no report either way.
    assert {str(path) for path in list_reports(reports, TEAM)} == {BILAN, LETTERS}
    for name in [
        *planted,
        "anct/pipe.csv",
        "anct",
        "../outside/secret.csv",
        "/etc/passwd",
        "bilan/../bilan/link.csv",
        ".",
    ]:
        with pytest.raises(NotAReport):
            read_report(reports, name)
    assert not has_report(reports, "bilan/link.csv")
    assert read_report(reports, BILAN) == b"x"


def test_a_report_replaced_by_a_link_once_it_is_offered_is_not_read(reports: Path, planted: list[str]) -> None:
    (offered, *_) = list_reports(reports, TEAM)
    (reports / offered).unlink()
    (reports / offered).symlink_to(reports / CELLS)
    with pytest.raises(NotAReport):
        read_report(reports, offered)


def test_the_reports_folder_may_itself_be_elsewhere(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    door = tmp_path_factory.mktemp("home") / "reports"
    door.symlink_to(reports, target_is_directory=True)
    assert {str(path) for path in list_reports(door, TEAM)} == {BILAN, LETTERS}
    assert read_report(door, BILAN) == b"x"
