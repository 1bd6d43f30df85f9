"""Two builders and twenty readers at once, builders killed at random (at length: `make lake-trial`)."""

from __future__ import annotations

from pathlib import Path

from tests.integration.lake.trial import READERS, run
from tests.integration.lake.world import World
from warehouse.published.versions import current_path
from warehouse.settings import Home

SECONDS, VERSIONS = 40, 8


def test_every_reader_sees_one_whole_version_whoever_is_killed(golden_home: Path, world: World, tmp_path: Path) -> None:
    """Never a mix, never an error but the one that docs/analystes.md says to begin again; what a builder was told was
    registered is there, by its name, as it was; no file without a version is left."""
    model = current_path(Home.at(golden_home))
    assert model is not None
    outcome = run(world, model, tmp_path / "homes", SECONDS, VERSIONS)
    assert [one.mixed for one in outcome.reads] == [[]] * READERS
    assert [one.errors for one in outcome.reads] == [[]] * READERS
    assert all(one.whole for one in outcome.reads)
    assert (outcome.lost, outcome.left) == ([], [])
    assert outcome.published >= 2 and outcome.killed >= 1
