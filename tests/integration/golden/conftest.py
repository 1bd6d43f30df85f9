"""The golden set published once by `passnum run`, for every test that reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from orchestration.cli import app
from typer.testing import CliRunner

from tests.integration.golden import deliveries


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the golden set was dropped, run and published."""
    home = tmp_path_factory.mktemp("golden")
    deliveries.drop(home / "landing")
    result = CliRunner().invoke(app, ["run", "--home", str(home)])
    assert result.exit_code == 0, result.output
    return home


@pytest.fixture(scope="session")
def published(golden_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file."""
    path = (golden_home / "warehouse" / "passnum.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as con:
        yield con
