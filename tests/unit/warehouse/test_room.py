"""A run asks for its room before it reads anything: twice the version in line, and the waiting files once more."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from storage.atomic import link_atomically
from warehouse.build.room import NoRoom, require_room, room_needed
from warehouse.settings import Home

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path).create()
    version = home.versions / "passnum-one.duckdb"
    version.write_bytes(b"0" * 4_000_000)
    link_atomically(home.published, version)
    (home.landing / "2022").mkdir()
    (home.landing / "2022" / "a.csv").write_bytes(b"0" * 500_000)
    return home


def test_a_new_home_needs_nothing(tmp_path: Path) -> None:
    assert room_needed(Home.at(tmp_path / "absent")) == 0


@pytest.mark.parametrize(("free", "enough"), [(8_499_999, False), (8_500_000, True)])
def test_the_last_build_twice_and_what_waits(
    home: Home, monkeypatch: pytest.MonkeyPatch, free: int, enough: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - free, free))
    assert room_needed(home) == 8_500_000
    if enough:
        require_room(home)
        return
    with pytest.raises(NoRoom) as met:
        require_room(home)
    assert "Il reste 8,5 Mo" in str(met.value) and "environ 8,5" in str(met.value)
    assert "rien n'a été lu ni construit" in str(met.value)
