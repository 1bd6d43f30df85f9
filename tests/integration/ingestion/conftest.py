"""Simulated deliveries taken in once, for all the tests that only look at the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ingestion.delivery import Delivery
from ingestion.intake import Folders, ingest
from programme.config import load_programme
from simulation.simulate import Dirt, simulate
from simulation.summary import Summary
from tests.unit.ingestion.kit import SECRET, TODAY

CARNETS = 300
DIRTY: dict[Dirt, int] = {"real": 3, "nasty": 4}
"""Dirt → seed."""


@dataclass(frozen=True)
class Simulated:
    """One simulation and what the intake made of it; `clean`: the same facts, written cleanly, not taken in."""

    home: Path
    folders: Folders
    summary: Summary
    deliveries: dict[str, Delivery]
    clean: Summary


def _simulate(root: Path, dirt: Dirt) -> Simulated:
    folders = Folders.of_home(root / "home")
    programme = load_programme()
    seed = DIRTY[dirt]
    summary = simulate(folders.landing, carnets=CARNETS, seed=seed, dirt=dirt, programme=programme)
    clean = simulate(root / "clean", carnets=CARNETS, seed=seed, dirt="clean", programme=programme)
    told = ingest(folders, today=TODAY, secret=SECRET, settle_seconds=0.0)
    assert len({d.file_name for d in told}) == len(told)
    return Simulated(root / "home", folders, summary, {d.file_name: d for d in told}, clean)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Deliveries as they really arrive."""
    return _simulate(tmp_path_factory.mktemp("real"), "real")


@pytest.fixture(scope="session")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Real ones, and the worst that may be dropped."""
    return _simulate(tmp_path_factory.mktemp("nasty"), "nasty")
