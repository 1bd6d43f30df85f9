"""A home is its owner's: nothing that is written there can be read, or changed, by anyone else of the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.conftest import passnum_here
from tests.once import copy_home
from warehouse.settings import Home

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def seen_by_others(root: Path) -> list[str]:
    """What of a home has a right for others; not the delivered files, which keep the mode they came with."""
    held = [root, *(path for path in root.rglob("*") if path.parent != root / "landing")]
    return [str(path.relative_to(root)) for path in held if not path.is_symlink() and path.stat().st_mode & OTHERS]


@pytest.fixture(autouse=True)
def _as_a_machine_is_set_up() -> object:
    """The mask most machines give, under which whatever says nothing is readable by all."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_a_run_writes_nothing_that_others_can_read(golden_home: Path) -> None:
    """Run by a process of its own, with the mask of the machine."""
    assert len(list(golden_home.rglob("*"))) > 100
    assert seen_by_others(golden_home) == []


def test_a_home_of_before_is_closed_at_the_next_run_and_says_so(golden_home: Path, tmp_path: Path) -> None:
    root = copy_home(golden_home, tmp_path / "home")
    outside = tmp_path / "outside.txt"
    outside.write_text("not of this home")
    (root / "reports" / "link.txt").symlink_to(outside)
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
    delivered = {path: path.stat().st_mode for path in (root / "landing").iterdir()}
    assert "n'était pas privé" in passnum_here("run", home=root)
    assert seen_by_others(root) == []
    assert outside.stat().st_mode & 0o777 == 0o644
    assert {path: path.stat().st_mode for path in delivered} == delivered
    assert "n'était pas privé" not in passnum_here("run", home=root)


def test_a_new_home_is_closed_before_anything_is_in_it(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    assert not home.secure()  # nothing is made for it
    home.create()
    assert seen_by_others(home.root) == []
    (home.reports / "written-later.txt").write_text("by this process")
    assert seen_by_others(home.root) == []


def test_a_home_that_cannot_be_closed_says_so_and_works(
    golden_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without modes, which forgets them without a word."""
    root = copy_home(golden_home, tmp_path / "home")
    root.chmod(0o755)
    monkeypatch.setattr(os, "chmod", lambda *_, **__: None)
    said = " ".join(passnum_here("run", home=root).split())
    assert "reste lisible par d'autres" in said
    assert "Rien de nouveau" in said
