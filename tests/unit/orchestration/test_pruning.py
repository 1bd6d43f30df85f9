"""What `passnum prune` frees: told as freed only where it went."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orchestration.pruning import find_spare
from warehouse.settings import Home


def test_a_folder_that_stays_is_not_told_as_freed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says « rendus » after `remove`: what the disk refuses comes up to it instead."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    home = Home.at(tmp_path / "home").create()
    (home.builds / "abc" / "tmp").mkdir(parents=True)
    (spare,) = find_spare(home, versions_kept=3, days=90)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "refused")

    with monkeypatch.context() as broken, pytest.raises(PermissionError):
        broken.setattr(os, "rmdir", refuse)
        spare.remove()
    assert (home.builds / "abc").exists()
    spare.remove()
    assert find_spare(home, versions_kept=3, days=90) == []
