"""The history of the builds: one that is damaged is passed over and named, and stops nothing."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from warehouse.build import history
from warehouse.check_result import CheckResult
from warehouse.published import builds

AT = datetime(2022, 12, 1, 6)


def _record(build_id: str) -> builds.BuildRecord:
    return builds.BuildRecord(build_id, "published", date(2022, 11, 30), AT, AT, 1.0, 2, "s", True, "1", "f", {})


def _check() -> CheckResult:
    return CheckResult("PN-101", "core.fct_pass", "bloquant", "ok", "0", "0", "MGP", "Une phrase.")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    for name in ("20221201T060000Z-aaaaaa", "20221202T060000Z-bbbbbb"):
        history.save(tmp_path, _record(name), [_check()])
    return tmp_path


@pytest.mark.parametrize("name", [builds.BUILD, builds.CHECKS, builds.FAILURES, builds.SEAL])
@pytest.mark.parametrize("damage", ["empty", "flip", "absent"])
def test_a_damaged_build_is_passed_over_and_named(lake: Path, name: str, damage: str) -> None:
    """A flipped bit of a Parquet file is read as another value, in silence: each build is sealed."""
    folder = lake / builds.BUILDS / "20221202T060000Z-bbbbbb"
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "absent":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(b"" if damage == "empty" else content)
    is_an_older_one = (name, damage) == (builds.SEAL, "absent")  # builds had none: they are believed
    assert [record.build_id[:8] for record in builds.load(lake)] == ["20221201", *["20221202"] * is_an_older_one]
    assert builds.damaged(lake) == [folder] * (not is_an_older_one)
    assert len(builds.kept_files(lake, builds.CHECKS)) == 1 + is_an_older_one


def test_whole_builds_are_all_there(lake: Path) -> None:
    assert len(builds.load(lake)) == len(builds.kept_files(lake, builds.FAILURES)) == 2
    assert builds.damaged(lake) == []
