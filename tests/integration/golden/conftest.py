"""A connection to the published golden set. Does not live here: publishing it (../conftest.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest


@pytest.fixture(scope="session")
def published(golden_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file."""
    path = (golden_home / "warehouse" / "passnum.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as con:
        yield con
