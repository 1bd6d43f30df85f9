"""One run of the job, in this process, and what came of it. Does not live here: the command line, the assets."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from data_quality.results import CheckResult
from ingestion.locking import HomeIsBusy, home_lock
from warehouse.published import as_of_path, current_path
from warehouse.settings import Home, silence_telemetry

LOCK_WAIT_SECONDS = 600.0

Verdict = Literal["published", "refused", "failed"]


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. `blocking`: the checks that refused the candidate; `error`: what failed, and where.

    "published" with an error: the version is published, something that follows the publication failed.
    """

    verdict: Verdict
    blocking: list[CheckResult]
    error: Exception | None = None


def execute(home: Home, *, as_of: date | None = None, programme_folder: Path | None = None) -> RunOutcome:
    """Run every asset of the job in this process, on `home`. Never raises for a failing step: see `error`."""
    silence_telemetry()
    with _one_at_a_time(home):
        return _execute(home, as_of, programme_folder)


@contextlib.contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    """Two runs on one home: the second says so and waits for the first."""
    from orchestration.settings import tell

    with contextlib.ExitStack() as held:
        try:
            held.enter_context(home_lock(home.warehouse))
        except HomeIsBusy:
            tell(f"Un autre passage travaille déjà dans {home.root} : celui-ci attend sa fin (dix minutes au plus)…")
            held.enter_context(home_lock(home.warehouse, wait_seconds=LOCK_WAIT_SECONDS))
        yield


def _execute(home: Home, as_of: date | None, programme_folder: Path | None) -> RunOutcome:
    import dagster as dg

    from orchestration.definitions import defs
    from orchestration.schedules import job
    from orchestration.settings import RunSettings

    before = _mark(home, as_of)
    settings = RunSettings(
        home_folder=str(home.root),
        landing_folder=str(home.landing),
        as_of=as_of.isoformat() if as_of else "",
        programme_folder=str(programme_folder or ""),
    )
    # The history of `passnum run` is the lake's and the warehouse's own; Dagster's stays in memory.
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def(job.name).execute_in_process(
            instance=instance,
            resources={"settings": settings},
            # What failed is told by the outcome; Dagster's own account of it is a traceback nobody asked for.
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            raise_on_error=False,
        )
        if result.success:
            return RunOutcome("published", [])
        for evaluation in result.get_asset_check_evaluations():
            if not evaluation.passed and "results" in evaluation.metadata:
                found = [CheckResult(**item) for item in evaluation.metadata["results"].value]  # type: ignore[arg-type]
                return RunOutcome("refused", [check for check in found if check.blocks])
        # Whatever failed, and wherever: readers see another version than before, or they do not.
        return RunOutcome("failed" if _mark(home, as_of) == before else "published", [], _first_error(result))


def _mark(home: Home, as_of: date | None) -> tuple[Path, int, int] | None:
    """What tells one published file from another, None where there is none yet."""
    path = as_of_path(home, as_of.isoformat()) if as_of else current_path(home)
    if path is None or not path.exists():
        return None
    found = path.stat()
    return path, found.st_ino, found.st_mtime_ns


def _first_error(result: object) -> Exception:
    """The exception that made the run fail, as it was raised by the step."""
    for event in result.all_events:  # type: ignore[attr-defined]
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error.cause is not None:
                error = error.cause
            return StepFailure(error.cls_name or "", error.message.split(": ", 1)[-1].strip(), error.to_string())
    return StepFailure("", "le passage a échoué", "")


class StepFailure(Exception):
    """A step failed: the class of its exception, its message, and the whole trace for the log."""

    def __init__(self, kind: str, message: str, trace: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace
