"""The landing folder: only ordinary files are read, and only small ordinary files verify them (exports §5)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from ingestion.checking import check_files
from ingestion.content import NotOrdinary, read_ordinary
from ingestion.landing import LARGEST_SIDECAR_BYTES, list_arrivals
from tests.unit.ingestion.kit import TODAY, drop, make_home, run, write_csv

CSV = write_csv("services")
NAME = "services_2022-12-31.csv"
SUM = hashlib.sha256(CSV.encode()).hexdigest()


def _link(path: Path, secret: Path) -> None:
    path.symlink_to(secret)


def _hard_link(path: Path, secret: Path) -> None:
    path.hardlink_to(secret)


def _pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path, _: Path) -> None:
    path.mkdir()


def _huge(path: Path, _: Path) -> None:
    path.write_bytes(b"0" * (LARGEST_SIDECAR_BYTES + 1))


@pytest.mark.parametrize("make", [_link, _hard_link, _pipe, _folder, _huge])
def test_a_companion_that_is_no_small_ordinary_file_is_never_opened(make, tmp_path: Path) -> None:
    """A pipe would block the run for ever; what a link leads to would be copied into the archive."""
    secret = tmp_path / "secret.txt"
    secret.write_text("not for the archive")
    folders = make_home(tmp_path / "home")
    drop(folders, NAME, CSV)
    beside = folders.landing / (NAME + ".sha256")
    make(beside, secret)
    (checked,) = (c for c in check_files([folders.landing], today=TODAY) if c.delivery.file_name == NAME)
    assert checked.would_load and "non vérifié" in checked.report, "the check says that nothing was verified"
    told = run(folders)
    assert told[NAME].outcome == "loaded"
    assert os.path.lexists(beside), "left alone"
    kept = b"".join(p.read_bytes() for p in folders.archive.rglob("*") if p.is_file())
    assert b"not for the archive" not in kept
    if make is not _folder:
        assert told[NAME + ".sha256"].outcome == "left"


@pytest.mark.parametrize("make", [_link, _hard_link, _pipe])
def test_what_is_no_ordinary_file_is_left_alone(make, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(CSV)
    folders = make_home(tmp_path / "home")
    make(folders.landing / NAME, secret)
    told = run(folders)[NAME]
    assert (told.outcome, "fichier ordinaire" in told.notes[0]) == ("left", True)
    assert os.path.lexists(folders.landing / NAME) and secret.read_text() == CSV


def test_a_folder_that_is_a_link_is_not_entered_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / NAME).write_text(CSV)
    folders = make_home(tmp_path / "home")
    (folders.landing / "lien").symlink_to(tmp_path / "other")
    arrivals, left = list_arrivals(folders.landing, 0)
    assert (arrivals, [item.name for item in left]) == ([], ["lien"])


def test_a_file_swapped_for_a_pipe_after_it_was_listed_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "f"
    os.mkfifo(path)
    with pytest.raises(NotOrdinary):
        read_ordinary(path)


@pytest.mark.parametrize("make", [_link, _hard_link, _pipe])
def test_the_check_leaves_them_alone_as_the_run_does(make, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(CSV)
    folder = tmp_path / "depot"
    folder.mkdir()
    make(folder / NAME, secret)
    (checked,) = check_files([folder], today=TODAY)
    assert checked.delivery.outcome == "left" and "laissé en place" in checked.report


def test_the_check_of_a_pipe_that_a_person_names_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    (checked,) = check_files([tmp_path / NAME], today=TODAY)
    assert checked.delivery.outcome == "left"


def test_a_right_companion_still_verifies(tmp_path: Path) -> None:
    folders = make_home(tmp_path / "home")
    drop(folders, NAME, CSV)
    drop(folders, NAME + ".sha256", SUM)
    drop(folders, "b_2022-12-31.csv", CSV + "\n")
    drop(folders, "b_2022-12-31.csv.sha256", SUM)
    told = run(folders)
    assert (told[NAME].outcome, told["b_2022-12-31.csv"].reason) == ("loaded", "unreadable")
