"""One run in this process, step after step, and what came of it. Does not live here: the command line, the steps.

Dagster is not on this path: the steps are plain functions. Where a Dagster instance exists, it is told afterwards
(runless.py).
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import traceback
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ingestion.locking import LOCK_WAIT_SECONDS, home_lock
from orchestration.journal import kept
from orchestration.observed import observe
from orchestration.plan import RunPlan
from orchestration.prepared import prepare
from orchestration.sharing import share
from orchestration.telling import tell
from presentation.system_errors import explain_error, find_system_error
from warehouse.check_result import CheckResult
from warehouse.published.versions import as_of_path, current_path
from warehouse.settings import Home, silence_telemetry

if TYPE_CHECKING:
    from orchestration.walk import Walk

DAGSTER_VARIABLE = "DAGSTER_HOME"
DAGSTER_FILE = "dagster.yaml"

Verdict = Literal["published", "unchanged", "refused", "failed"]


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. `blocking`: the checks that refused the candidate; `error`: what failed, and where.

    "unchanged": the published version is made of the same inputs, nothing was built. Either with an error: the
    version is published, something that follows a publication failed (the shared lake, where nothing was built).
    """

    verdict: Verdict
    blocking: list[CheckResult] = field(default_factory=list)
    error: Exception | None = None


_MEND = "Corrigez-en la cause, puis relancez la commande."
_MAKE_ROOM = (
    "Rien n'est perdu. Faites de la place (« passnum prune », puis « passnum purge »), et relancez la commande : ce "
    "qui est lu ne le sera pas deux fois."
)
_MENDED_BY = {errno.ENOSPC: _MAKE_ROOM, errno.EDQUOT: _MAKE_ROOM}


class StepFailure(Exception):
    """A step failed: the class of its exception, its message, and the whole trace for the log."""

    def __init__(self, kind: str, message: str, trace: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace

    @classmethod
    def of(cls, error: Exception) -> StepFailure:
        """The failure that `error` is."""
        kind, said = type(error).__name__, str(error)
        cause = find_system_error(error)
        if cause is not None:  # a full disk is one whoever met it: a file, DuckDB, dbt
            kind = "OSError"
            said = f"Le passage s'est arrêté : {explain_error(error)}. {_MENDED_BY.get(cause.errno or 0, _MEND)}"
        return cls(kind, said, "".join(traceback.format_exception(error)))


def execute(plan: RunPlan, own_process: bool = False) -> RunOutcome:
    """Walk the whole road on the home of `plan`. Never raises for a failing step: see `error`.

    `own_process`: this process is there for this run alone; dbt and Great Expectations then work in processes of their
    own, loaded while files are read. Else everything is done here, where both may be loaded already.
    Raises HomeIsBusy (French) when another run still works in the home after ten minutes.
    """
    silence_telemetry()
    with _one_at_a_time(plan.home), _without_collection():
        return _execute(plan, own_process)


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """No search for cycles meanwhile: it took a tenth of a run, and what a run holds ends with its process."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _one_at_a_time(home: Home) -> Iterator[None]:
    """Two runs on one home: the second says so and waits for the first."""
    told = f"Un autre passage travaille déjà dans {home.root} : celui-ci attend sa fin (dix minutes au plus)…"
    with home_lock(home.warehouse, LOCK_WAIT_SECONDS, lambda: tell(told)):
        yield


def _execute(plan: RunPlan, own_process: bool) -> RunOutcome:
    from orchestration.walk import Walk

    before = _mark(plan.home, plan.as_of)
    walk = Walk()
    began, name = datetime.now(UTC), str(uuid.uuid4())
    try:
        with kept(plan.home, name) as journal:
            outcome = _walk(plan, walk, own_process)
            journal.write("ended", verdict=outcome.verdict)
    except Exception as error:  # noqa: BLE001 — whatever failed, and wherever, is an outcome, told by the command
        # Readers see another version than before, or they do not.
        published = _mark(plan.home, plan.as_of) != before
        outcome = RunOutcome("published" if published else "failed", error=StepFailure.of(error))
    if outcome.verdict == "refused" or outcome.error is not None:
        _report_refusal(plan)
    if outcome.verdict != "unchanged":
        _report_to_dagster(plan.home, walk)
    if plan.as_of is None:
        observe(plan.home, outcome.verdict, began, name)
    return outcome


def _walk(plan: RunPlan, walk: Walk, own_process: bool) -> RunOutcome:
    from data_quality import validation
    from orchestration import steps
    from orchestration.apart import apart
    from orchestration.deciding import decide, end_without_building
    from warehouse.build import transform
    from warehouse.build.publish import UnfinishedPublication
    from warehouse.build.room import require_room

    if plan.engine == "spark":
        return _walk_on_spark(plan, walk)
    with apart(own_process) as processes:
        # A landing folder with nothing in it is read only where something is to be built.
        decision = None
        steps.finish_what_was_begun(plan)
        if not steps.is_waiting(plan):
            decision = decide(plan)
            if decision.version is not None:
                steps.tell_deliveries([])
        if decision is None or decision.version is None:
            require_room(plan.home)
            processes.start(transform.load)
            walk.deliveries = steps.take_in(plan)
            decision = decide(plan)
        if decision.version is not None:
            steps.tidy(plan)
            steps.tell_an_empty_build(plan)
            end_without_building(plan, decision.version, decision.held)
            return RunOutcome("unchanged", error=_share(plan))
        # After dbt, which is needed first: three processes on two cores would only wait for each other.
        processes.start(validation.load)
        walk.built = steps.build(plan, uuid.uuid4().hex, decision, processes.having(transform.load))
        processes.end(transform.load)
        walk.results = steps.judge(plan, walk.built.made, processes.having(validation.load))
        processes.end(validation.load)
        blocking = [result for result in walk.results if result.blocks]
        if blocking:
            return RunOutcome("refused", blocking)
        walk.published = steps.publish(plan, walk.built.made)
    if plan.as_of is None:
        prepare(plan.home, plan.programme)
    unshared = _share(plan)
    if walk.published.unfinished:
        return RunOutcome("published", error=StepFailure.of(UnfinishedPublication(walk.published.unfinished)))
    return RunOutcome("published", error=unshared)


def _share(plan: RunPlan) -> StepFailure | None:
    """The shared lake, where there is one, is brought to what the home says. Returns why it could not be."""
    failed = share(plan.home, plan.programme_folder) if plan.as_of is None else None
    return None if failed is None else StepFailure.of(failed)


def _walk_on_spark(plan: RunPlan, walk: Walk) -> RunOutcome:
    """The same road, built by Spark: its version is beside that of DuckDB, which stays in line for the pages."""
    from orchestration import on_spark, spark_needs, steps
    from warehouse.build.room import require_room

    spark_needs.find_python()  # before anything is read
    steps.finish_what_was_begun(plan)
    require_room(plan.home)
    walk.deliveries = steps.take_in(plan)
    results, folder = on_spark.build(plan)
    if folder is None:
        return RunOutcome("refused", [result for result in results if result.blocks])
    return RunOutcome("published" if results else "unchanged")


def _mark(home: Home, as_of: date | None) -> tuple[Path, int, int] | None:
    """What tells one published file from another, None where there is none yet."""
    path = as_of_path(home, as_of.isoformat()) if as_of else current_path(home)
    if path is None or not path.exists():
        return None
    found = path.stat()
    return path, found.st_ino, found.st_mtime_ns


def _report_refusal(plan: RunPlan) -> None:
    """Those who must mend a refused build are told at once; that they could not be is told, and changes nothing."""
    from reporting.quality.sending import tell_refusal

    with contextlib.suppress(Exception):  # told already, by the step itself
        tell_refusal(plan.home, lambda: plan.programme, plan.programme_folder, tell)


def dagster_folder(home: Home) -> Path | None:
    """The folder of the Dagster instance this home has (DAGSTER_HOME, or as `make dagster` makes it), or None."""
    named = os.environ.get(DAGSTER_VARIABLE)
    for folder in (Path(named).expanduser() if named else None, home.root / "dagster"):
        if folder is not None and (folder / DAGSTER_FILE).is_file():
            return folder
    return None


def _report_to_dagster(home: Home, walk: Walk) -> None:
    """Show the run in the Dagster of this home, if any; a failure to is told, and changes nothing of the run."""
    folder = dagster_folder(home)
    if folder is None:
        return
    tell(f"Le passage est inscrit dans Dagster ({folder}).")
    try:
        from orchestration.runless import report

        report(folder, walk)
    except Exception as error:  # noqa: BLE001 — the run is done, whatever Dagster says of it
        tell(f"Le passage n'a pas pu être inscrit dans Dagster ({folder}) : {explain_error(error)}.")
