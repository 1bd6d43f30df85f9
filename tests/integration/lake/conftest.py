"""One PostgreSQL a session, a lake of its own and a home of two versions a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.lake.world import Server, World, cluster, install, make_world
from tests.integration.road.conftest import corrected_home  # noqa: F401 — a fixture
from tests.once import copy_home
from warehouse.settings import Home


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server that runs. Debian's is installed where it is missing; who may not install is told what to ask for."""
    if why := install():
        pytest.skip(why)
    with cluster() as made, made.running():
        yield made


@pytest.fixture
def world(server: Server, tmp_path: Path) -> World:
    """An empty lake of whole versions."""
    return make_world(server, tmp_path / "lake")


@pytest.fixture
def home(corrected_home: Path, tmp_path: Path) -> Home:  # noqa: F811
    """The golden set, then its correction: two versions, the second in line."""
    return Home.at(copy_home(corrected_home, tmp_path / "home"))
