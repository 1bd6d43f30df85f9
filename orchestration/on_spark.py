"""A build on Spark: in the environment of Spark, a process that builds and judges; here, what starts it and publishes.

`python -m orchestration.on_spark HOME RUN` is that process: it reads the candidate that the run prepared, and leaves
`spark.json` beside it. Does not live here: the engine (warehouse/build/spark), the checks (data_quality), what
Spark needs and why it stopped (spark_needs.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from functools import partial
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from orchestration import steps
from orchestration.deciding import identity_now
from orchestration.plan import RunPlan
from orchestration.spark_needs import explain_stop, find_python, is_java_gone
from orchestration.telling import MODELS, PUBLISHING, SUITES, TESTS, advance, begin, tell
from presentation.french import bind, count, day, day_long, integer
from presentation.sentences import nothing_new
from programme.clock import today_in_paris
from programme.config import Programme, load_programme
from storage.atomic import write_atomically
from warehouse.build.candidate import Candidate, prepare
from warehouse.build.identity import Identity
from warehouse.build.transform import TransformError, to_check_results
from warehouse.check_result import CheckResult
from warehouse.published.spark_folders import DESCRIPTION, as_of, connect_folder, current_folder, describe
from warehouse.settings import ROOT, Home

_LEFT = "spark.json"
#: The checks of a version, in its folder.
CHECKS = "checks.json"
_RESULTS = TypeAdapter(list[CheckResult])
_ADVANCED = "passnum:"
_SPEAKING = threading.Lock()


class Left(BaseModel):
    """What the process leaves: the checks' results and the rows of each table, or why it failed (French)."""

    results: list[CheckResult] = []
    rows: dict[str, int] = {}
    error: str = ""


def build(plan: RunPlan) -> tuple[list[CheckResult], Path | None]:
    """Build on Spark from the whole lake, judge, publish the folder. Returns the checks, and the version's folder.

    No check, and the folder that is there, where it is made of the same files, settings and rules. No folder where a
    check blocks: the candidate is removed, the version in line stays. Raises SparkMissing, TransformError,
    PublicationError.
    """
    from warehouse.build.spark.published import publish, publish_beside

    python = find_python()
    steps.tidy(plan)
    identity = identity_now(plan)
    found = None if plan.force else _find_same(plan, identity)
    if found is not None:
        _tell_same(found)
        return [], found
    run_id = uuid.uuid4().hex
    candidate = prepare(plan.home, plan.programme, run_id=run_id, as_of=plan.as_of, today=today_in_paris())
    try:
        tell(f"Construction par Spark : {count(candidate.input_files, 'fichier')}, données au {day(candidate.as_of)}.")
        begin(MODELS)
        left = _in_its_environment(python, plan, candidate)
        if any(result.blocks for result in left.results):
            was = current_folder(plan.home)
            tell(f"Publication refusée{' : la version précédente de Spark reste en ligne' if was else ''}.")
            return left.results, None
        begin(PUBLISHING)
        tables = candidate.folder / "parquet"
        write_atomically(tables / CHECKS, _RESULTS.dump_json(left.results))
        put = publish if candidate.until is None else publish_beside
        folder = put(tables, plan.home, candidate.build_id, candidate.as_of, left.rows, identity)
    finally:
        candidate.discard()
    lines = integer(sum(describe(folder)["rows"].values()))
    if candidate.until is None:
        tell(f"Version {candidate.build_id} publiée par Spark, {lines} lignes : {folder}")
    else:
        tell(
            f"Version au {candidate.until:%d/%m/%Y} écrite par Spark, à côté de la courante, {lines} lignes : {folder}"
        )
    return left.results, folder


def _find_same(plan: RunPlan, identity: Identity) -> Path | None:
    """The version of Spark that a build would make again, whole; its catalogue named again where the home was moved."""
    from warehouse.build.spark.published import is_whole, write_catalogue

    home = plan.home
    folder = home.spark_as_of / plan.as_of.isoformat() if plan.as_of else current_folder(home)
    if folder is None or not (folder / DESCRIPTION).is_file():
        return None
    if describe(folder).get("identity") != identity or not is_whole(folder):
        return None
    write_catalogue(folder)
    return folder


def _tell_same(folder: Path) -> None:
    told = describe(folder)
    tell(bind(nothing_new(f"{told['build_id']} de Spark, données au {day_long(as_of(folder))}")))


def _in_its_environment(python: Path, plan: RunPlan, candidate: Candidate) -> Left:
    """Have the process build and judge; what it says of its progress is said here."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(python)}
    command = [str(python), "-m", "orchestration.on_spark", str(plan.home.root), candidate.folder.name]
    command += [str(plan.programme_folder)] if plan.programme_folder else []
    log = candidate.folder / "spark.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            with process:
                for line in process.stdout or ():
                    if line.startswith(_ADVANCED):
                        advance(*json.loads(line.removeprefix(_ADVANCED)))
        except BaseException:
            process.kill()  # Java ends with it
            raise
    path = candidate.folder / _LEFT
    left = Left.model_validate_json(path.read_bytes()) if path.is_file() else None
    if left is None or is_java_gone(left.error):
        kept = plan.home.logs / f"spark-{candidate.build_id}.log"
        journal = log.read_text(encoding="utf-8", errors="replace") + (left.error if left else "")
        with contextlib.suppress(OSError):  # of a full disk, what stopped Spark is told all the same
            shutil.copyfile(log, kept)
        raise TransformError(explain_stop(journal, process.returncode, kept))
    if left.error:
        raise TransformError(left.error)
    return left


def judge(candidate: Candidate, home: Home, programme: Programme) -> Left:
    """Build the candidate on Spark, then every check: dbt's, counted there, and the gate's, on the same tables."""
    from data_quality.context import GateContext
    from data_quality.gate import run_suites
    from ingestion.lake import Lake
    from warehouse.build.spark.build import build

    engine, tests = build(candidate, Lake(home.lake), partial(_say, MODELS), partial(_say, TESTS))
    context = GateContext.of(programme, candidate.as_of, None)
    with connect_folder(engine.folder) as con:
        suites = run_suites(con, context, partial(_say, SUITES), ask=partial(engine.ask, con=con))
    return Left(results=[*to_check_results(tests), *suites], rows=engine.rows)


def _say(stage: str, done: int, total: int, name: str) -> None:
    with _SPEAKING:  # models end in several threads: a line is one
        print(_ADVANCED + json.dumps([stage, done, total, name]), flush=True)  # noqa: T201 — read by the run that waits


def main(arguments: list[str]) -> None:
    """The process: `HOME RUN [PROGRAMME]`."""
    home, run_id, *programme = arguments
    threading.Thread(target=_end_with_the_run, args=(os.getppid(),), daemon=True).start()
    place = Home.at(home)
    candidate = Candidate.of_run(place, run_id)
    try:
        left = judge(candidate, place, load_programme(Path(programme[0]) if programme else None))
    except TransformError as error:
        left = Left(error=str(error))
    write_atomically(candidate.folder / _LEFT, left.model_dump_json().encode())


def _end_with_the_run(run: int) -> None:
    """A run that is killed leaves nobody who would read what is built, nor remove it."""
    while os.getppid() == run:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
