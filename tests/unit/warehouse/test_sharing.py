"""What the shared lake lacks of a home, and has too much (the lake itself: integration/lake)."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.receipt import hash_file
from programme.models import SharedLake
from warehouse.build.sharing import decide
from warehouse.published.shared_lake import SharedLakeError, Snapshot, explain, find_snapshot
from warehouse.published.versions import build_of

A, B, C = "20221101T060000Z-aaaaaa", "20221102T060000Z-bbbbbb", "20221103T060000Z-cccccc"
LAKE = SharedLake(catalog="host=bdd dbname=lac", folder="/srv/lac", lake="mgp", content="complet")


@pytest.fixture
def kept(tmp_path: Path) -> list[Path]:
    """Three versions, oldest first."""
    paths = [tmp_path / f"passnum-{build}.duckdb" for build in (A, B, C)]
    for path in paths:
        path.write_text(path.name, encoding="utf-8")
    return paths


def _of(path: Path, number: int, content: str = "complet") -> Snapshot:
    found = path.stat()
    at = datetime(2022, 12, 1)
    return Snapshot(
        number, at, build_of(path), date(2022, 11, 30), content, False, hash_file(path), found.st_size,
        found.st_mtime_ns,
    )  # fmt: skip


def _decided(snapshots: list[Snapshot], kept: list[Path], current: Path, **more: object) -> tuple[list[str], list[int]]:
    own = more.get("own", {A, B, C})
    plan = decide(snapshots, kept, current, own, str(more.get("content", "complet")))  # type: ignore[arg-type]
    return [build_of(path) for path in plan.register], [one.number for one in plan.forget]


def test_an_empty_lake_gets_the_version_in_line_alone(kept: list[Path]) -> None:
    """What was published before the lake was set is not sent there."""
    assert _decided([], kept, kept[2]) == ([C], [])


def test_nothing_is_registered_twice(kept: list[Path]) -> None:
    one = [_of(kept[1], 1), _of(kept[2], 2)]
    assert _decided(one, kept, kept[2]) == ([], [])


def test_what_was_missed_comes_before_the_version_in_line(kept: list[Path]) -> None:
    """Published while the catalogue was down."""
    assert _decided([_of(kept[0], 1)], kept, kept[2]) == ([B, C], [])


def test_a_version_put_back_is_the_last_again_and_there_once(kept: list[Path]) -> None:
    """Its newest snapshot is the one that stays."""
    before = [_of(kept[0], 1), _of(kept[1], 2)]
    assert _decided(before, kept[:2], kept[0]) == ([A], [])
    assert _decided([*before, _of(kept[0], 3)], kept[:2], kept[0]) == ([], [1])


def test_a_version_that_is_kept_no_more_expires(kept: list[Path]) -> None:
    """Those of another home, whose builds are not ours, stay."""
    shared = [_of(path, number) for number, path in enumerate(kept, start=1)]
    assert _decided(shared, kept[2:], kept[2]) == ([], [1, 2])
    assert _decided(shared, kept[2:], kept[2], own={B, C}) == ([], [2])


def test_a_version_from_which_somebody_was_cut_is_there_no_more_as_it_was(kept: list[Path]) -> None:
    """The one in line comes anew; those before it go. A file that was only copied is still the one registered."""
    shared = [_of(path, number) for number, path in enumerate(kept, start=1)]
    for path in kept[1:]:
        path.write_text("cut " + path.name, encoding="utf-8")
    os.utime(kept[0], ns=(1, 1))
    assert _decided(shared, kept, kept[2]) == ([C], [2, 3])


def test_other_content_asked_for_takes_the_place_of_what_was(kept: list[Path]) -> None:
    shared = [_of(kept[1], 1, "analystes"), _of(kept[2], 2, "analystes")]
    assert _decided(shared, kept, kept[2], content="complet") == ([C], [1, 2])


def test_another_home_that_published_since_stays_the_current_one(kept: list[Path]) -> None:
    """The last published is the current one, whoever runs next without anything new."""
    theirs = replace(_of(kept[2], 3), version="20221104T060000Z-dddddd")
    assert _decided([_of(kept[2], 2), theirs], kept, kept[2]) == ([], [])


def test_a_past_version_is_found_by_its_name(kept: list[Path]) -> None:
    """Whole or by its beginning; what is not there, or is several, is told with what is there."""
    shared = [_of(kept[0], 1), _of(kept[1], 2), _of(kept[0], 3)]
    assert (find_snapshot(shared, A).number, find_snapshot(shared, "20221102").number) == (3, 2)
    with pytest.raises(SharedLakeError, match=f"Plusieurs versions.*{A}, {B}"):
        find_snapshot(shared, "202211")
    with pytest.raises(SharedLakeError, match=f"Aucune version « x ».*{A}, {B}"):
        find_snapshot(shared, "x")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Unable to connect to Postgres at … : Connection refused", "ne répond pas"),
        ("Unable to connect to Postgres at … : password authentication failed", "refuse ce compte"),
        ("canceling statement due to lock timeout", "depuis trop longtemps"),
        ("ERROR:  permission denied for schema mgp", "demandez les droits sur le schéma « mgp »"),
        ('DATA_PATH parameter "/b/" does not match existing data path in the catalog "/a/"', "remettez « folder »"),
        ("Transaction conflict - attempting to drop table", "à chaque essai"),
        ("Could not write file: No space left on device", "le disque est plein"),
        ("Something else\nelsewhere", "Something else"),
    ],
)
def test_what_the_lake_says_is_told_in_french(said: str, told: str) -> None:
    assert told in str(explain(duckdb.Error(said), LAKE))
