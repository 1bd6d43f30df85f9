"""A home with the golden deliveries, and what the tests of the road do with it again and again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli import app
from tests.integration.golden import deliveries
from tests.once import copy_home

Passnum = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose landing folder holds the golden set."""
    deliveries.drop(tmp_path / "home" / "landing")
    return tmp_path / "home"


@pytest.fixture
def published_home(golden_home: Path, home: Path) -> Path:
    """The same home after a first run: the published golden set, copied."""
    shutil.rmtree(home)
    return copy_home(golden_home, home)


@pytest.fixture
def passnum(home: Path) -> Passnum:
    """The `passnum` command on that home, in this process."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--home", str(home)])

    return invoke


def fingerprints(home: Path) -> dict[str, str]:
    """`schema.table` → fingerprint of the published version, as its own quality.build row says."""
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        row = con.execute("select table_fingerprints from quality.build order by build_id desc limit 1").fetchone()
    assert row is not None
    return dict(row[0])


def value(home: Path, indicator: str) -> float:
    """A published figure."""
    with duckdb.connect(str((home / "warehouse" / "passnum.duckdb").resolve()), read_only=True) as con:
        row = con.execute("select value from marts.programme_progress where indicator = ?", [indicator]).fetchone()
    assert row is not None
    return row[0]


def occupy(folder: Path) -> None:
    """Put a file where a folder must be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("pas un dossier", encoding="utf-8")
