"""A sample of `make chaos` (docs/chaos.md), in seconds: a kill, or a disk made read-only, at chosen changes.

Python's own changes alone are counted here (no compiler is needed), and dbt is played back from the golden home. Does
not live here: the hundreds of trials (tests/chaos).
"""

from __future__ import annotations

import errno
import os
import pickle
import shutil
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from tests.chaos.trial import Trial, judge, see
from tests.chaos.world import FIRST, World, playing_back, read_truth
from tests.integration.golden import deliveries
from tests.integration.ingestion.killing import count_operations, run_until
from tests.once import copy_home
from warehouse.published import builds
from warehouse.settings import Home

SAMPLE = 3


@pytest.fixture(scope="module")
def world(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The golden deliveries, not read yet, and what dbt makes of them, taken from the home where it did."""
    root = tmp_path_factory.mktemp("chaos")
    golden = Home.at(golden_home)
    (root / "played").mkdir()
    played = root / "played" / f"{builds.load(golden.lake)[-1].inputs_sha256}.duckdb"
    shutil.copyfile(golden.published, played)
    played.with_suffix(".pickle").write_bytes(pickle.dumps(([], [])))
    deliveries.drop(root / FIRST / "landing")
    made = World(root, {FIRST: read_truth(golden)})
    with playing_back(made):
        yield made


def _run(home: Home) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["run", "--home", str(home.root)], catch_exceptions=False)
    return done.exit_code, done.output


def _tell(home: Home, said: list[tuple[int, str]]) -> None:
    said.append(_run(home))


@pytest.fixture(scope="module")
def instants(world: World, tmp_path_factory: pytest.TempPathFactory, exhaustive: bool) -> list[int]:
    """Some of the changes that a run makes, not the same ones today as tomorrow."""
    home = world.start(FIRST, tmp_path_factory.mktemp("counted") / "home")
    changes = count_operations(lambda: _run(home))
    trial = Trial(FIRST, "")
    judge(world, home, FIRST, trial)
    assert trial.wrong == []
    wanted = 40 if exhaustive else SAMPLE
    step = changes // wanted
    return list(range(date.today().toordinal() % step, changes, step))[:wanted]


@pytest.mark.parametrize("error", [None, OSError(errno.EROFS, os.strerror(errno.EROFS))], ids=["kill", "read-only"])
def test_what_befalls_a_run_is_mended_by_the_next(
    world: World, instants: list[int], tmp_path: Path, error: OSError | None
) -> None:
    """Issue 19: 0 lost, 0 mixed, 0 homes that cannot run, 0 orphans; a refusal of the disk is told by its name."""
    for at in instants:
        home = world.start(FIRST, tmp_path / str(at))
        said: list[tuple[int, str]] = []
        alive = run_until(at, partial(_tell, home, said), error)
        assert alive == (error is not None)
        for code, told in said:
            if (
                code == 0
            ):  # whole and confirmed: nothing was refused but the removal of the work, which the next run does
                assert builds.confirmed_at(home.lake, builds.load(home.lake)[-1].build_id), (at, told)
                continue
            assert code in (1, 5), (at, told)
            assert "disque en lecture seule" in " ".join(told.split()), (at, told)
        trial = Trial(FIRST, str(at))
        see(world, home, FIRST, trial)
        code, told = _run(home)
        assert code == 0, (at, told)
        judge(world, home, FIRST, trial)
        assert trial.wrong == [], at
        shutil.rmtree(home.root)


def test_a_home_whose_history_is_empty_files_still_runs(world: World, golden_home: Path, tmp_path: Path) -> None:
    """What a power cut leaves of files that were not flushed: 3 homes of 11 could not run again."""
    home = Home.at(copy_home(golden_home, tmp_path / "home"))
    (folder,) = (home.lake / builds.BUILDS).iterdir()
    for path in folder.iterdir():
        path.write_bytes(b"")
    (home.builds / "abc").mkdir(parents=True)
    (home.builds / "abc" / "candidate.json").touch()
    code, told = _run(home)
    assert code == 0, told
    flat = " ".join(told.split())
    assert "Un passage de l'historique est abîmé" in flat and folder.name in flat
    assert "Un dossier de travail illisible" in flat
    assert list(home.builds.iterdir()) == []
