"""The verdict on a candidate, and its consequences: kept in the history, refused or let through.

Does not live here: the Dagster assets (quality, publication), the suites (data_quality/).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from data_quality.gate import GateContext, run_suites
from data_quality.results import CheckResult
from programme.config import Programme
from warehouse import history
from warehouse.candidate import Candidate, is_demo
from warehouse.fingerprint import combine, fingerprint_tables
from warehouse.settings import Home

RESULTS = "checks.json"


def judge(
    candidate: Candidate, programme: Programme, previous: Path | None, tests: list[CheckResult]
) -> list[CheckResult]:
    """dbt's test results and the suites' results, by code; kept beside the candidate for the publication."""
    context = GateContext(previous=previous, max_rejected_share=float(programme.max_rejected_share))
    with duckdb.connect(str(candidate.database)) as con:
        results = sorted([*tests, *run_suites(con, context)], key=lambda result: result.code)
    content = json.dumps([asdict(result) for result in results], ensure_ascii=False)
    (candidate.folder / RESULTS).write_text(content, encoding="utf-8")
    return results


def read_results(candidate: Candidate) -> list[CheckResult]:
    """The verdict's results, as `judge` kept them."""
    return [CheckResult(**item) for item in json.loads((candidate.folder / RESULTS).read_text(encoding="utf-8"))]


def refuse(candidate: Candidate, home: Home, results: list[CheckResult]) -> None:
    """Keep the results of a refused candidate beside the lake, and throw the candidate away."""
    record = record_build(candidate, home, "refused", results)
    history.save(home.lake, record, results)
    candidate.discard()


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
    )
    with duckdb.connect(str(candidate.database)) as con:
        history.write_into(con, home.lake, record, results)
    return record
