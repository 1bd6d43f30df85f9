"""A home of a module's own in which documents may be issued. Does not live here: what a test issues there."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from tests.once import copy_home
from warehouse.published.versions import Version, connect, current_version
from warehouse.settings import Home


@pytest.fixture(scope="module")
def home(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Six hundred simulated carnets, published, in which documents may be issued."""
    return Home.at(copy_home(simulated_home, tmp_path_factory.mktemp("documents") / "home"))


@pytest.fixture(scope="module")
def version(home: Home) -> Version:
    """What is published there."""
    found = current_version(home)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def version_apart(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same published file in a folder of its own, where no document was issued and nobody keeps a cube."""
    kept = Home.at(simulated_home).published.resolve()
    path = tmp_path_factory.mktemp("apart") / "warehouse" / "versions" / kept.name
    path.parent.mkdir(parents=True)
    os.link(kept, path)
    return path


def marts(version: Version, query: str) -> pl.DataFrame:
    with connect(version.path) as con:
        return con.execute(query).pl()
