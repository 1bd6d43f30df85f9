"""A build on Spark: in the environment of Spark, a process that builds and judges; here, what starts it and publishes.

`python -m orchestration.on_spark HOME RUN` is that process: it reads the candidate that the run prepared, and leaves
`spark.json` beside it. Does not live here: the engine (warehouse/build/spark), the checks (data_quality).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import uuid
from functools import partial
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from orchestration import steps
from orchestration.plan import RunPlan
from orchestration.telling import MODELS, PUBLISHING, SUITES, TESTS, advance, begin, tell
from presentation.french import count, integer
from programme.clock import today_in_paris
from programme.config import Programme, load_programme
from storage.atomic import write_atomically
from warehouse.build.candidate import Candidate, prepare
from warehouse.build.transform import TransformError, to_check_results
from warehouse.check_result import CheckResult
from warehouse.settings import ROOT, Home

#: The Python of Spark's environment, where it is not the one that `make spark` makes.
PYTHON_VARIABLE = "PASSNUM_SPARK_PYTHON"
_PYTHON = ROOT / ".venv-spark" / "bin" / "python"
_LEFT = "spark.json"
#: The checks of a version, in its folder.
CHECKS = "checks.json"
_RESULTS = TypeAdapter(list[CheckResult])
_ADVANCED = "passnum:"
_SPEAKING = threading.Lock()


class SparkMissing(Exception):
    """Spark's environment, or Java, is not there (French)."""


class Left(BaseModel):
    """What the process leaves: the checks' results and the rows of each table, or why it failed (French)."""

    results: list[CheckResult] = []
    rows: dict[str, int] = {}
    error: str = ""


def find_python() -> Path:
    """The Python that has Spark. Raises SparkMissing, which says what to do."""
    python = Path(os.environ.get(PYTHON_VARIABLE) or _PYTHON)
    if not python.is_file():
        raise SparkMissing(
            f"L'environnement de Spark n'est pas installé ({python} introuvable) : lancez « make spark », ou donnez "
            f"son Python par {PYTHON_VARIABLE}. Sans --engine spark, DuckDB construit comme toujours."
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise SparkMissing("Spark a besoin de Java 17, introuvable sur cette machine : lancez « make spark ».")
    return python


def build(plan: RunPlan) -> tuple[list[CheckResult], Path | None]:
    """Build on Spark from the whole lake, judge, publish the folder. Returns the checks, and the version's folder.

    None where a check blocks: the candidate is removed, the version in line stays. Raises SparkMissing, TransformError,
    PublicationError.
    """
    from warehouse.build.spark.published import DESCRIPTION, publish

    python = find_python()
    steps.tidy(plan)
    run_id = uuid.uuid4().hex
    candidate = prepare(plan.home, plan.programme, run_id=run_id, as_of=plan.as_of, today=today_in_paris())
    try:
        tell(f"Construction par Spark : {count(candidate.input_files, 'fichier')}.")
        begin(MODELS)
        left = _in_its_environment(python, plan, candidate)
        if any(result.blocks for result in left.results):
            tell("Publication refusée : la version précédente de Spark reste en ligne.")
            return left.results, None
        begin(PUBLISHING)
        write_atomically(candidate.folder / "parquet" / CHECKS, _RESULTS.dump_json(left.results))
        folder = publish(candidate.folder / "parquet", plan.home, candidate.build_id, candidate.as_of, left.rows)
    finally:
        candidate.discard()
    told = integer(sum(json.loads((folder / DESCRIPTION).read_bytes())["rows"].values()))
    tell(f"Version {candidate.build_id} publiée par Spark, {told} lignes : {folder}")
    return left.results, folder


def _in_its_environment(python: Path, plan: RunPlan, candidate: Candidate) -> Left:
    """Have the process build and judge; what it says of its progress is said here."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": str(python)}
    command = [str(python), "-m", "orchestration.on_spark", str(plan.home.root), candidate.folder.name]
    command += [str(plan.programme_folder)] if plan.programme_folder else []
    log = candidate.folder / "spark.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        with process:
            for line in process.stdout or ():
                if line.startswith(_ADVANCED):
                    advance(*json.loads(line.removeprefix(_ADVANCED)))
    path = candidate.folder / _LEFT
    if not path.is_file():
        kept = plan.home.logs / f"spark-{candidate.build_id}.log"
        shutil.copyfile(log, kept)
        raise TransformError(f"Spark s'est arrêté avant la fin (code {process.returncode}) : son journal est {kept}.")
    left = Left.model_validate_json(path.read_bytes())
    if left.error:
        raise TransformError(left.error)
    return left


def judge(candidate: Candidate, home: Home, programme: Programme) -> Left:
    """Build the candidate on Spark, then every check: dbt's, counted there, and the gate's, on the same tables."""
    import duckdb

    from data_quality.context import GateContext
    from data_quality.gate import run_suites
    from ingestion.lake import Lake
    from warehouse.build.spark.build import build
    from warehouse.build.spark.published import CATALOGUE, name_tables

    engine, tests = build(candidate, Lake(home.lake), partial(_say, MODELS), partial(_say, TESTS))
    name_tables(engine.folder)
    context = GateContext.of(programme, candidate.as_of, None)
    with duckdb.connect(str(engine.folder / CATALOGUE)) as con:
        suites = run_suites(con, context, partial(_say, SUITES), ask=partial(engine.ask, con=con))
    (engine.folder / CATALOGUE).unlink()
    return Left(results=[*to_check_results(tests), *suites], rows=engine.rows)


def _say(stage: str, done: int, total: int, name: str) -> None:
    with _SPEAKING:  # models end in several threads: a line is one
        print(_ADVANCED + json.dumps([stage, done, total, name]), flush=True)  # noqa: T201 — read by the run that waits


def main(arguments: list[str]) -> None:
    """The process: `HOME RUN [PROGRAMME]`."""
    home, run_id, *programme = arguments
    place = Home.at(home)
    candidate = Candidate.of_run(place, run_id)
    try:
        left = judge(candidate, place, load_programme(Path(programme[0]) if programme else None))
    except TransformError as error:
        left = Left(error=str(error))
    (candidate.folder / _LEFT).write_text(left.model_dump_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
