"""The verdict on a candidate, and its consequences: kept in the history, refused or let through.

Does not live here: the Dagster assets (assets/), the suites (data_quality/).
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from data_quality import data_docs
from data_quality.context import GateContext
from orchestration.apart import Do, here
from orchestration.telling import SUITES, advance
from orchestration.under_way import UnderWay
from programme.config import Programme
from storage.atomic import write_atomically
from warehouse.build import history, keys
from warehouse.build.candidate import Candidate, is_demo
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.build.publish import attempt
from warehouse.build.transform import project_manifest
from warehouse.check_result import CheckResult
from warehouse.published import builds
from warehouse.settings import Home


def judge(made: UnderWay, programme: Programme, previous: Path | None, do: Do = here) -> list[CheckResult]:
    """dbt's test results and the suites' results, by code. `do`: where the suites are run."""
    candidate = made.candidate
    # A build as of an earlier date says less than the current version, and rightly so: they are not compared.
    compared = previous if candidate.until is None else None
    context = GateContext.of(programme, candidate.as_of, compared)
    return sorted([*made.tests, *do(_run_suites, candidate, context)], key=lambda result: result.code)


def _run_suites(candidate: Candidate, context: GateContext) -> list[CheckResult]:
    # Here, not above: it imports Great Expectations and pandas, which a run that builds nothing never needs.
    from data_quality.gate import run_suites

    with candidate.connect() as con:
        return run_suites(con, context, partial(advance, SUITES))


def refuse(made: UnderWay, home: Home) -> list[str]:
    """Keep the results of a refused candidate beside the lake, and throw the candidate away.

    A refused as-of build is told to who asked for it; it says nothing of today's data, and leaves no trace.
    Returns what could not be kept (French): the refusal holds all the same.
    """
    failures = []
    if made.candidate.until is None:
        record = record_build(made, home, "refused")
        failures = keep_results(home, record, made.results)
    made.candidate.discard()
    return failures


def keep_results(home: Home, record: builds.BuildRecord, results: list[CheckResult]) -> list[str]:
    """Write the build's results beside the lake and as a page. Returns what could not be written (French)."""
    return attempt(
        {
            "L'historique des passages (lake/_builds)": lambda: history.save(home.lake, record, results),
            "La page des contrôles (reports/data_docs)": lambda: write_data_docs(home, record, results),
        }
    )


def write_data_docs(home: Home, record: builds.BuildRecord, results: list[CheckResult]) -> Path:
    """The page of the results in reports/data_docs/: index.html (published last) or refus.html (refused last)."""
    refused = record.status == "refused"
    build = data_docs.Build(record.build_id, record.as_of, record.finished_at, refused, record.is_demo)
    path = home.data_docs / ("refus.html" if refused else "index.html")
    write_atomically(path, data_docs.render(build, results).encode())
    return path


def record_build(made: UnderWay, home: Home, status: str) -> builds.BuildRecord:
    """Describe the build, and write it with the earlier ones into the candidate (schema quality), beside its keys."""
    candidate = made.candidate
    with candidate.connect() as con:
        tables = fingerprint_tables(con)
        finished_at = datetime.now(UTC).replace(tzinfo=None)
    record = builds.BuildRecord(
        build_id=candidate.build_id,
        status=status,
        as_of=candidate.as_of,
        started_at=candidate.started_at,
        finished_at=finished_at,
        duration_seconds=(finished_at - candidate.started_at).total_seconds(),
        input_files=candidate.input_files,
        inputs_sha256=candidate.inputs_sha256,
        is_demo=is_demo(candidate),
        code_version=version("passnum"),
        fingerprint=combine(tables),
        table_fingerprints=tables,
        identity=made.identity,
    )
    with candidate.connect() as con:
        history.write_into(con, home.lake, record, made.results)
        keys.write_into(con, project_manifest())
    return record
