"""A reader's database of a version is made once, by the real path, holds no file, and is let go when others came."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from dashboards import connections
from dashboards.access import TEAM, Rights
from dashboards.connections import KEPT_OPEN, VersionGone, opened
from dashboards.reading import Reading
from dashboards.rights import open_for


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    opened.clear()
    yield
    opened.clear()


def version(folder: Path, number: int) -> Path:
    """A published file that says its number."""
    path = folder / f"passnum-{number}.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema quality; create table quality.build as select $number as number", {"number": number})
    return path


def number_in(path: Path) -> int:
    """The number that a question to the version reads."""
    reading = Reading(path, TEAM, opened(str(path), TEAM))
    return reading.ask("select number from {build}")["number"][0]


def is_open(path: Path) -> bool:
    """Whether this process holds the file (Linux says so)."""
    held = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            held.append(str(entry.readlink()).removesuffix(" (deleted)"))
    return str(path) in held


def test_a_version_is_read_once_by_a_role_whatever_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the database costs more than a page of questions; each role has its own, and no other's."""
    path = version(tmp_path, 1)
    made: list[Rights] = []

    def counted(path: Path, rights: Rights) -> duckdb.DuckDBPyConnection:
        made.append(rights)
        return open_for(path, rights)

    monkeypatch.setattr(connections, "open_for", counted)
    assert [number_in(path) for _ in range(10)] == [1] * 10
    assert made == [TEAM]
    again = replace(TEAM, threshold=11)
    assert opened(str(path), again) is opened(str(path), again) is not opened(str(path), TEAM)
    assert made == [TEAM, again]


def test_readers_at_the_same_time_share_the_connection_and_not_the_cursor(tmp_path: Path) -> None:
    path, found = version(tmp_path, 1), []
    readers = [threading.Thread(target=lambda: found.append(number_in(path))) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [1] * 8


def test_a_publication_is_seen_by_the_next_question(tmp_path: Path) -> None:
    """The real path is the key: the link would go on giving the version it led to."""
    link = tmp_path / "passnum.duckdb"
    link.symlink_to(version(tmp_path, 1))
    assert number_in(link.resolve()) == 1
    aside = tmp_path / "aside"
    aside.symlink_to(version(tmp_path, 2))
    aside.replace(link)
    assert number_in(link.resolve()) == 2


def test_no_file_is_held_while_it_is_read(tmp_path: Path) -> None:
    """A retired version gives its room on the disk back at once."""
    path = version(tmp_path, 1)
    assert number_in(path) == 1
    assert not is_open(path)


def test_a_question_under_way_ends_well_when_its_version_is_let_go(tmp_path: Path) -> None:
    first, *others = [version(tmp_path, number) for number in range(KEPT_OPEN + 1)]
    reading = Reading(first, TEAM, opened(str(first), TEAM))
    for path in others:
        number_in(path)
    assert reading.ask("select number from {build}")["number"][0] == 0


def test_a_version_retired_while_it_is_read_still_answers(tmp_path: Path) -> None:
    path = version(tmp_path, 1)
    assert number_in(path) == 1
    path.unlink()
    assert number_in(path) == 1


def test_a_version_retired_before_it_was_opened_is_said_to_be_gone(tmp_path: Path) -> None:
    path = version(tmp_path, 1)
    path.unlink()
    with pytest.raises(VersionGone):
        opened(str(path), TEAM)


def test_a_file_that_is_there_and_cannot_be_read_is_no_retired_version(tmp_path: Path) -> None:
    broken = tmp_path / "passnum-0.duckdb"
    broken.write_bytes(b"no database" * 1000)
    with pytest.raises(duckdb.IOException):
        connections.opened(str(broken), TEAM)


def test_a_reader_never_keeps_a_version_from_being_published_or_retired(tmp_path: Path) -> None:
    """Publishing writes a new file, renames it and moves the link: nothing of it touches a file that is read."""
    link, old = tmp_path / "passnum.duckdb", version(tmp_path, 1)
    link.symlink_to(old)
    assert number_in(link.resolve()) == 1
    (tmp_path / "build").mkdir()
    new = tmp_path / "passnum-2.duckdb"
    version(tmp_path / "build", 2).replace(new)
    aside = tmp_path / "aside"
    aside.symlink_to(new)
    aside.replace(link)
    old.unlink()
    assert number_in(link.resolve()) == 2
