"""The gate: Great Expectations on the candidate; what blocks refuses the publication.

Does not live here: dbt's own tests (keys, relationships, identities), the suites (suites/), how lines (lines) and
tables (tables) are read, Great Expectations itself (validation).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import duckdb

from data_quality import lines, tables
from data_quality.context import GateContext, in_context
from data_quality.expectations import Ask, Check, LineCheck, TableCheck
from data_quality.registry import all_checks
from data_quality.units import Failing
from data_quality.validation import Finding, Validator, say
from data_quality.words import describe_failure, describe_success
from warehouse.check_result import CheckResult, Failure, Status

#: Told as each check ends: how many are done, of how many, and the code of that one.
OnCheck = Callable[[int, int, str], None]


def run_suites(
    con: duckdb.DuckDBPyConnection, context: GateContext, on_check: OnCheck | None = None, ask: Ask | None = None
) -> list[CheckResult]:
    """Every check of every suite, on the candidate behind `con` (only read). One result a check, by code.

    `ask`: what counts the lines and makes the tables judged, where it is not `con`; units that fail are told by `con`.
    """
    return sorted(run_checks(con, context, all_checks(), on_check, ask), key=lambda result: result.code)


def run_checks(
    con: duckdb.DuckDBPyConnection,
    context: GateContext,
    checks: Sequence[Check],
    on_check: OnCheck | None = None,
    ask: Ask | None = None,
) -> list[CheckResult]:
    """These checks alone."""
    results = []
    with in_context(con, context):
        for result in _judge(con, context, checks, ask):
            results.append(result)
            if on_check is not None:
                on_check(len(results), len(checks), result.code)
    return results


def failing_rows(con: duckdb.DuckDBPyConnection, context: GateContext, check: Check) -> list[Failure]:
    """The units that fail `check` (at most MAX_FAILURES), those that touch most euros, hours and passes first."""
    (result,) = run_checks(con, context, [check])
    return list(result.failures)


def _judge(
    con: duckdb.DuckDBPyConnection, context: GateContext, checks: Sequence[Check], ask: Ask | None
) -> Iterator[CheckResult]:
    compared = [check for check in checks if context.previous is not None or not check.needs_previous]
    for check in checks:
        if check not in compared:
            yield _result(check, context, "ok", "aucune version précédente à comparer")
    if not compared:
        return
    validator = Validator()
    of_tables = sorted((c for c in compared if isinstance(c, TableCheck)), key=lambda check: check.table.name)
    for _, table_checks in groupby(of_tables, key=lambda check: check.table.name):
        yield from _judge_table(con, context, validator, list(table_checks), ask)
    of_lines = sorted((c for c in compared if isinstance(c, LineCheck)), key=lambda check: check.table_name)
    for table_name, line_checks in groupby(of_lines, key=lambda check: check.table_name):
        yield from _judge_lines(con, context, validator, table_name, list(line_checks), ask)


def _judge_table(
    con: duckdb.DuckDBPyConnection,
    context: GateContext,
    validator: Validator,
    checks: Sequence[TableCheck],
    ask: Ask | None,
) -> list[CheckResult]:
    """The checks of one table, validated in one go."""
    table = checks[0].table
    keys = {(check.code, rank): e for check in checks for rank, e in enumerate(check.expectations)}
    try:
        with tables.made(con, table, ask):
            frame = tables.judged_columns(con, checks)
            findings = validator.validate(table.name, frame, keys, context)
            return [
                _judge_rows(con, context, check, [found for key, found in findings.items() if key[0] == check.code])
                for check in checks
            ]
    except Exception as error:  # noqa: BLE001 — a table that cannot be made is an error of each of its checks
        return [_result(check, context, "erreur", say(error)) for check in checks]


def _judge_rows(
    con: duckdb.DuckDBPyConnection, context: GateContext, check: TableCheck, findings: Sequence[Finding]
) -> CheckResult:
    errors = [finding.error for finding in findings if finding.error]
    if errors:
        return _result(check, context, "erreur", " ; ".join(errors))
    try:
        failing = [finding for finding in findings if not finding.success]
        if not failing:
            nearest = None if check.value_kind is None else tables.nearest_value(con, check)
            return _result(check, context, "ok", describe_success(check, nearest))
        as_a_whole = any(finding.rows is None for finding in failing)
        rows = None if as_a_whole else sorted({row for finding in failing for row in finding.rows or ()})
        return _fails(check, context, tables.failing_units(con, check, rows))
    except duckdb.Error as error:
        return _result(check, context, "erreur", say(error))


def _judge_lines(
    con: duckdb.DuckDBPyConnection,
    context: GateContext,
    validator: Validator,
    table_name: str,
    checks: Sequence[LineCheck],
    ask: Ask | None,
) -> Iterator[CheckResult]:
    """The checks of the lines of one table: counted one by one, their counts validated in one go."""
    counts: dict[str, lines.Count] = {}
    for check in checks:
        try:
            counts[check.code] = lines.count(con, context, check, ask)
        except Exception as error:  # noqa: BLE001 — a check that cannot run is an error of the check, and is shown as one
            yield _result(check, context, "erreur", say(error))
    finding = validator.validate_counts(table_name, {code: found.failing for code, found in counts.items()}, context)
    for check in checks:
        if check.code not in counts:
            continue
        if finding.error:
            yield _result(check, context, "erreur", finding.error)
        elif check.code in (finding.rows or ()):
            yield _fails(check, context, lines.failing_units(con, context, check))
        else:
            yield _result(check, context, "ok", describe_success(check, counts[check.code].nearest))


def _fails(check: Check, context: GateContext, failing: Failing) -> CheckResult:
    return _result(check, context, "ko", describe_failure(check, failing), failing.failures)


def _result(
    check: Check, context: GateContext, status: Status, observed: str, failures: Sequence[Failure] = ()
) -> CheckResult:
    return CheckResult(
        code=check.code,
        table_name=check.table_name,
        severity=check.severity,
        status=status,
        observed=observed,
        expected=check.expected_in(context),
        owner=check.owner,
        sentence=check.sentence,
        mend=check.mend,
        failures=failures,
    )
