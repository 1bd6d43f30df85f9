"""The verdict on a candidate, and its consequences: kept in the history, refused or let through.

Does not live here: the Dagster assets (assets/), the suites (data_quality/).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import duckdb

from data_quality import data_docs
from data_quality.context import GateContext
from data_quality.results import CheckResult
from orchestration.apart import Do, here
from orchestration.telling import SUITES, advance
from programme.config import Programme
from warehouse.build import history
from warehouse.build.candidate import Candidate, is_demo
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.build.identity import Identity
from warehouse.build.publish import attempt
from warehouse.settings import Home

DBT_RESULTS = "dbt_checks.json"
RESULTS = "checks.json"
IDENTITY = "identity.json"


def judge(
    candidate: Candidate, programme: Programme, previous: Path | None, tests: list[CheckResult], do: Do = here
) -> list[CheckResult]:
    """dbt's test results and the suites' results, by code; kept beside the candidate for the publication.

    `do`: where the suites are run.
    """
    # A build as of an earlier date says less than the current version, and rightly so: they are not compared.
    compared = previous if candidate.until is None else None
    context = GateContext.of(programme, candidate.as_of, compared)
    results = sorted([*tests, *do(_run_suites, candidate.database, context)], key=lambda result: result.code)
    keep(candidate, RESULTS, results)
    return results


def _run_suites(database: Path, context: GateContext) -> list[CheckResult]:
    # Here, not above: it imports Great Expectations and pandas, which a run that builds nothing never needs.
    from data_quality.gate import run_suites

    with duckdb.connect(str(database)) as con:
        return run_suites(con, context, partial(advance, SUITES))


def keep(candidate: Candidate, name: str, results: list[CheckResult]) -> None:
    """Leave results to the later steps of the same run, beside the candidate."""
    content = json.dumps([asdict(result) for result in results], ensure_ascii=False)
    (candidate.folder / name).write_text(content, encoding="utf-8")


def kept(candidate: Candidate, name: str) -> list[CheckResult]:
    """The results that an earlier step of the run left under `name`."""
    return [CheckResult(**item) for item in json.loads((candidate.folder / name).read_text(encoding="utf-8"))]


def keep_identity(candidate: Candidate, identity: Identity) -> None:
    """Leave to the publication what the candidate is made of."""
    (candidate.folder / IDENTITY).write_text(json.dumps(identity), encoding="utf-8")


def refuse(candidate: Candidate, home: Home, results: list[CheckResult]) -> list[str]:
    """Keep the results of a refused candidate beside the lake, and throw the candidate away.

    A refused as-of build is told to who asked for it; it says nothing of today's data, and leaves no trace.
    Returns what could not be kept (French): the refusal holds all the same.
    """
    failures = []
    if candidate.until is None:
        record = record_build(candidate, home, "refused", results)
        failures = keep_results(home, record, results)
    candidate.discard()
    return failures


def keep_results(home: Home, record: history.BuildRecord, results: list[CheckResult]) -> list[str]:
    """Write the build's results beside the lake and as a page. Returns what could not be written (French)."""
    return attempt(
        {
            "L'historique des passages (lake/_builds)": lambda: history.save(home.lake, record, results),
            "La page des contrôles (reports/data_docs)": lambda: write_data_docs(home, record, results),
        }
    )


def write_data_docs(home: Home, record: history.BuildRecord, results: list[CheckResult]) -> Path:
    """The page of the results in reports/data_docs/: index.html (published last) or refus.html (refused last)."""
    refused = record.status == "refused"
    build = data_docs.Build(record.build_id, record.as_of, record.finished_at, refused, record.is_demo)
    path = home.data_docs / ("refus.html" if refused else "index.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(data_docs.render(build, results), encoding="utf-8")
    partial.replace(path)
    return path


def record_build(candidate: Candidate, home: Home, status: str, results: list[CheckResult]) -> history.BuildRecord:
    """Describe the build, and write it with the earlier ones into the candidate (quality.build, check_result)."""
    with duckdb.connect(str(candidate.database)) as con:
        tables = fingerprint_tables(con)
        finished_at = datetime.now(UTC).replace(tzinfo=None)
    record = history.BuildRecord(
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
        identity=json.loads((candidate.folder / IDENTITY).read_text(encoding="utf-8")),
    )
    with duckdb.connect(str(candidate.database)) as con:
        history.write_into(con, home.lake, record, results)
    return record
