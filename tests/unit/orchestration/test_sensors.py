"""What Dagster looks at by itself: deposits that settled, failures worth another try, runs whose process is gone.

Not here: a whole week of it, with the daemon (integration/road/test_week.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dagster import DagsterInstance

# Four seconds of imports, made when a test runs and not when tests are looked for.
pytestmark = pytest.mark.slow


@pytest.fixture
def instance() -> Iterator[DagsterInstance]:
    from dagster import DagsterInstance

    with DagsterInstance.ephemeral() as made:
        yield made


class Landing:
    """A landing folder, and the sensor that looks at it, tick after tick."""

    def __init__(self, root: Path, instance: DagsterInstance) -> None:
        self._root, self._instance = root, instance
        self._cursor: str | None = None
        (root / "landing").mkdir(parents=True)

    def drop(self, name: str, content: str) -> None:
        (self._root / "landing" / name).write_text(content, encoding="utf-8")

    def look(self) -> Any:
        """What the next tick gives: a RunRequest, or why there is none."""
        import dagster as dg

        from orchestration.schedules import landing_sensor
        from orchestration.settings import RunSettings

        settings = RunSettings(home_folder=str(self._root))
        with dg.build_sensor_context(self._instance, cursor=self._cursor, resources={"settings": settings}) as context:
            given = landing_sensor(context)
        if isinstance(given, dg.SkipReason):
            return given.skip_message
        assert isinstance(given, dg.SensorResult)
        self._cursor = given.cursor if given.cursor is not None else self._cursor
        return given.run_requests[0] if given.run_requests else given.skip_reason.skip_message

    def run(self, request: Any, status: Any) -> None:
        """Keep that the run asked for ended so."""
        import dagster as dg

        from orchestration.schedules import reading_job

        job = dg.GraphDefinition(name=reading_job.name).to_job()
        self._instance.create_run_for_job(job, status=status, tags=dict(request.tags))


@pytest.fixture
def landing(tmp_path: Path, instance: DagsterInstance) -> Landing:
    return Landing(tmp_path / "home", instance)


def test_a_growing_file_and_a_burst_are_one_run_once_settled(landing: Landing) -> None:
    """A deposit is whole when two looks see the same: files still coming never start a run each."""
    assert landing.look() == "La zone de dépôt est vide."
    landing.drop("a.csv", "1")
    assert "en cours" in landing.look()
    landing.drop("a.csv", "1\n2")
    assert "en cours" in landing.look()
    landing.drop("b.csv", "1")
    landing.drop("c.csv", "1")
    assert "en cours" in landing.look()
    assert landing.look().run_key.endswith("-0")


def test_files_under_reading_or_read_ask_for_nothing_more(landing: Landing) -> None:
    from dagster import DagsterRunStatus

    landing.drop("a.csv", "1")
    landing.look()
    landing.run(landing.look(), DagsterRunStatus.STARTED)
    assert "en cours de lecture" in landing.look()


def test_a_reading_that_failed_is_tried_again_later(landing: Landing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its key is another, or Dagster would take it for done; not at once, for it would only fail again."""
    from dagster import DagsterRunStatus

    from orchestration import schedules

    landing.drop("a.csv", "1")
    landing.look()
    first = landing.look()
    landing.run(first, DagsterRunStatus.FAILURE)
    assert landing.look().run_key == first.run_key.replace("-0", "-1")  # it never began: nothing to wait after
    monkeypatch.setattr(schedules.time, "time", lambda: 60.0)
    assert "nouvel essai 5 minutes après" in landing.look()


def test_a_run_whose_process_is_gone_is_ended_and_others_are_not(instance: DagsterInstance) -> None:
    """Known by its number, its start and the machine's boot: the same number given to another process is not it."""
    import dagster as dg

    from orchestration.ghosts import ENDED, PROCESS_TAG, end_ghosts, mark_process

    @dg.op
    def nothing() -> None: ...

    @dg.job
    def some_job() -> None:
        nothing()

    def started() -> str:
        return instance.create_run_for_job(some_job, status=dg.DagsterRunStatus.STARTED).run_id

    alive, unmarked, reborn, dead = started(), started(), started(), started()
    mark_process(instance, alive)
    mark = instance.get_run_by_id(alive).tags[PROCESS_TAG]
    instance.add_run_tags(reborn, {PROCESS_TAG: mark.rpartition("-")[0] + "-1"})
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    instance.add_run_tags(dead, {PROCESS_TAG: mark.replace(str(os.getpid()), str(child.pid), 1)})
    assert set(end_ghosts(instance)) == {reborn, dead}
    assert end_ghosts(instance) == []
    states = {run.run_id: run.status for run in instance.get_runs()}
    assert states[alive] == states[unmarked] == dg.DagsterRunStatus.STARTED
    assert states[dead] == dg.DagsterRunStatus.FAILURE
    assert any(ENDED in entry.message for entry in instance.all_logs(dead))
