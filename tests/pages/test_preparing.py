"""The protected figures of a version: made once before anybody reads them, or while the first pages say so.

Does not live here: what the figures are (tests/integration/reporting/test_cube.py).
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import preparing
from dashboards.access import VARIABLE, Rights
from orchestration.prepared import prepare
from orchestration.telling import told_to
from reporting.cube import cube_file, cube_of
from reporting.suppression.mask import Mask
from reporting.suppression.register import Register
from reporting.suppression.tables import Tables
from tests.once import copy_home
from tests.pages.conftest import APP
from tests.pages.drawn import figures, said
from tests.unit.dashboards.test_access import GOOD, SECRETS
from warehouse.published.version_settings import settings_of
from warehouse.published.versions import read_version
from warehouse.settings import HOME_VARIABLE, Home

COMMITTEE = Rights("comite")


class Said:
    """What the steps say."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def say(self, message: str) -> None:
        self.sentences.append(message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        """Nothing is counted here."""


@pytest.fixture
def fresh(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home whose protected figures nobody has asked for, read by the committee."""
    copy = Home.at(copy_home(home, tmp_path / "home"))
    for path in copy.versions.glob("*.cube-*"):
        path.unlink()
    monkeypatch.setenv(HOME_VARIABLE, str(copy.root))
    monkeypatch.setattr("dashboards.session.rights", lambda _: COMMITTEE)
    yield copy
    for working in preparing._working.values():
        working.wait(timeout=120)


@pytest.fixture
def open_to_a_committee(fresh: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The same home, where a committee signs in."""
    folder = tmp_path / "access"
    folder.mkdir()
    for name, secret in SECRETS.items():
        (folder / name).write_text(secret)
        (folder / name).chmod(0o600)
    (folder / "access.yaml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder / "access.yaml"))
    return fresh


@pytest.fixture
def made_before(protected_home: Path) -> Path:
    """The protected figures of the very same version, made once for all tests."""
    version = Home.at(protected_home).published.resolve()
    threshold = settings_of(read_version(version), None).small_count_threshold
    cube_of(version, threshold)
    return cube_file(version, threshold)


@dataclass
class Making:
    """A process that makes them: done at the second look."""

    made: Path
    into: Path
    looks: int = 0

    def poll(self) -> int | None:
        self.looks += 1
        if self.looks == 1:
            return None
        shutil.copy(self.made, self.into)
        return 0

    def wait(self, timeout: float) -> None:
        """It is done."""


def read() -> AppTest:
    pages = AppTest.from_file(str(APP), default_timeout=240)
    pages.run()
    return pages


def made(home: Home) -> list[Path]:
    return list(home.versions.glob("*.cube-*.parquet"))


def test_two_readers_come_first_and_the_figures_are_made_once(fresh: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    start = subprocess.Popen

    def counted(command: list[str], **more: Any) -> subprocess.Popen:
        started.append(command)
        return start(command, **more)

    monkeypatch.setattr("dashboards.preparing.subprocess.Popen", counted)
    seen: list[AppTest] = []
    readers = [threading.Thread(target=lambda: seen.append(read())) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(started) == 1
    assert len(made(fresh)) == 1
    for pages in seen:
        assert not pages.exception
        assert any(figure.text not in ("secret", "") for figure in figures(pages))
        assert preparing.UNDER_WAY not in said(pages)


def test_a_document_issued_while_pages_are_open_is_known_to_the_next_one(fresh: Home) -> None:
    """docs/petits-effectifs.md: pages follow editions, those already open too; no restart, no later version."""
    read()
    (first,) = made(fresh)
    nothing = Mask.of(frozenset(), frozenset(), frozenset())
    Register(fresh.register).add("2022-T4", Tables({}, (), frozenset(), frozenset()), (), nothing, threshold=11)
    again = cube_file(fresh.published.resolve(), 11)
    assert again != first and not again.exists()
    pages = read()
    assert again.exists()
    assert any(figure.text not in ("secret", "") for figure in figures(pages))


def test_a_page_that_waited_is_as_any_other(fresh: Home, made_before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboards.preparing.start", lambda version, _: Making(made_before, version.parent))
    waited, later = read(), read()
    assert [node.type for node in waited.main] == [node.type for node in later.main]
    assert figures(waited) == figures(later)


def test_a_page_says_that_its_figures_are_being_prepared(fresh: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(_: float) -> None:
        st.stop()

    monkeypatch.setattr("dashboards.preparing.start", lambda version, _: Making(version, version))
    monkeypatch.setattr("dashboards.preparing.time.sleep", leave)
    pages = read()
    assert [info.value for info in pages.info] == [preparing.UNDER_WAY]
    assert figures(pages) == []


def test_a_run_makes_them_where_somebody_outside_the_team_may_come(
    open_to_a_committee: Home, made_before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reporting.cube.cube_of", lambda version, _: shutil.copy(made_before, version.parent))
    told = Said()
    with told_to(told):
        prepare(open_to_a_committee, None)
    assert len(made(open_to_a_committee)) == 1
    assert [sentence.split()[0] for sentence in told.sentences] == ["Préparation", "Chiffres"]
    with told_to(told):
        prepare(open_to_a_committee, None)
    assert len(told.sentences) == 2
    monkeypatch.setattr("dashboards.preparing.start", lambda *_: pytest.fail("they are made already"))
    preparing.start_before_readers(open_to_a_committee)
    assert any(figure.text not in ("secret", "") for figure in figures(read()))


def test_nobody_outside_the_team_nothing_to_make(fresh: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    told = Said()
    with told_to(told):
        prepare(fresh, None)
    assert (made(fresh), told.sentences) == ([], [])


def test_a_failure_to_make_them_is_told_and_stops_nothing(
    open_to_a_committee: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError("trop grand")

    monkeypatch.setattr("reporting.cube.cube_of", fail)
    told = Said()
    with told_to(told):
        prepare(open_to_a_committee, None)
    assert "n'ont pas pu être préparés" in told.sentences[-1]
    assert made(open_to_a_committee) == []


def test_the_server_begins_before_the_first_reader(open_to_a_committee: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Path, int]] = []
    started: Callable[..., None] = lambda *told: asked.append(told)  # noqa: E731
    monkeypatch.setattr("dashboards.preparing.start", started)
    preparing.start_before_readers(open_to_a_committee)
    ((path, threshold),) = asked
    assert path == open_to_a_committee.published.resolve()
    assert cube_file(path, threshold).name.startswith(f"{path.stem}.cube-{threshold}-")
