"""What a killed run was writing in a warehouse goes with the next one, whatever state it is in; nothing else does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.build.candidate import DESCRIPTION
from warehouse.build.left_overs import find_left_overs, remove_left_overs
from warehouse.settings import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path).create()


def _folder(home: Home, name: str, description: bytes | None) -> Path:
    folder = home.builds / name
    (folder / "tmp").mkdir(parents=True)
    if description is not None:
        (folder / DESCRIPTION).write_bytes(description)
    return folder


@pytest.mark.parametrize("description", [None, b"", b"{", b"[1]", b'{"process": null}', b'{"process": "x"}'])
def test_a_work_folder_that_does_not_say_whose_it_is_is_removed_and_told(home: Home, description: bytes | None) -> None:
    """A kill, or a full disk, between the folder and its description: the next run must go on all the same."""
    folder = _folder(home, "abc", description)
    assert remove_left_overs(home) == [
        f"Un dossier de travail illisible, laissé par un passage interrompu, est retiré : {folder}"
    ]
    assert not folder.exists()


def test_the_folder_of_a_process_that_is_gone_is_removed_without_a_word(home: Home) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    folder = _folder(home, "abc", json.dumps({"process": int(gone.stdout)}).encode())
    assert remove_left_overs(home) == []
    assert not folder.exists()


def test_the_folder_of_another_process_at_work_stays(home: Home) -> None:
    folder = _folder(home, "abc", json.dumps({"process": os.getppid()}).encode())
    remove_left_overs(home)
    assert folder.exists()


def test_a_process_that_got_the_number_of_a_dead_one_keeps_nothing(home: Home) -> None:
    """After a restart of the machine the numbers are given again: whoever began after the folder was described did not
    make it."""
    folder = _folder(home, "abc", json.dumps({"process": os.getppid()}).encode())
    os.utime(folder / DESCRIPTION, (0, 0))
    remove_left_overs(home)
    assert not folder.exists()


def test_what_was_being_written_aside_is_removed_and_the_rest_stays(home: Home) -> None:
    kept = home.lake / "_builds" / "20220101T000000Z-aaaaaa"
    aside = home.lake / "_builds" / ".20220102T000000Z-bbbbbb.0123abcd.part"
    for folder in (kept, aside):
        folder.mkdir(parents=True)
    (kept / ".confirmed.json.12.part").touch()
    remove_left_overs(home)
    assert kept.exists() and not aside.exists() and not list(kept.iterdir())


def test_each_thing_left_over_is_found_once(home: Home) -> None:
    """What a work folder holds goes with it: `passnum doctor` counted it beside its folder."""
    folder = _folder(home, "abc", b"{}")
    (folder / ".half.1.part").write_bytes(b"half")
    aside = home.lake / ".something.1.part"
    aside.write_bytes(b"half")
    assert sorted(find_left_overs(home)) == sorted([folder, aside])
