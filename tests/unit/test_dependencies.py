"""What is installed is what was locked, by its hash, and its licence is known."""

from __future__ import annotations

import re

import pytest

from tests.dependencies import LOCKS, PAGE, ROOT, UNSTATED, locked, page


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_library_is_locked_by_its_hash(lock) -> None:
    blocks = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    assert len(blocks) == len(locked(lock)) > 0
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_nothing_is_installed_without_its_hash() -> None:
    """Neither by make, which installs uv before the rest, nor by what CI runs."""
    lines = [
        line
        for name in ("Makefile", ".ci/run")
        for line in (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        if re.search(r"pip (install|sync)", line) and "--editable ." not in line
    ]
    assert len(lines) >= 2
    assert [line for line in lines if "--require-hashes" not in line] == []


def test_versions_and_licences_are_listed() -> None:
    """`make licences` writes the page."""
    assert PAGE.read_text(encoding="utf-8") == page()
    unstated = [line.split(" | ")[0] for line in page().splitlines() if f"| {UNSTATED} |" in line]
    # Its repository says MIT; its metadata say nothing.
    assert unstated == ["| axe-playwright-python"]
