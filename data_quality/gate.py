"""The gate: Great Expectations on small profiles of the candidate; what blocks refuses the publication.

One batch a suite: each check's profile is a column of it, named by the check's code, so that a suite is validated in
one go. Does not live here: dbt's own tests (keys, relationships, identities), the suites themselves (suites/).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pandas as pd

from data_quality.context import GateContext, in_context
from data_quality.expectations import Check
from data_quality.registry import all_suites
from data_quality.results import MAX_FAILURES, CheckResult, Failure
from data_quality.words import describe_failure, describe_success

os.environ["GX_ANALYTICS_ENABLED"] = "false"
# Before it is imported, which takes seconds and many words; it is imported only where a check is run.
logging.getLogger("great_expectations").setLevel(logging.WARNING)

#: Units of a profile that are judged, the worst first: a profile is small by design, this bounds an accident.
MAX_UNITS = 50_000
_SCOPE = {
    "territory_code": "varchar", "lieu_siret": "varchar", "prescriber_siret": "varchar", "source_file_id": "varchar",
    "source_lines": "varchar", "detail": "varchar", "passes": "bigint", "amount_eur": "double", "hours": "double",
}  # fmt: skip


def run_suites(
    con: duckdb.DuckDBPyConnection, context: GateContext, on_check: Callable[[int, int, str], None] | None = None
) -> list[CheckResult]:
    """Every check of every suite, on the candidate behind `con` (only read). One result a check, by code.

    `on_check`: told how many of how many checks are done, and the name of the last suite.
    """
    suites = all_suites()
    total = sum(map(len, suites.values()))
    results: list[CheckResult] = []
    with in_context(con, context):
        for name, checks in suites.items():
            results += _validate(con, context, checks)
            if on_check:
                on_check(len(results), total, name)
    return sorted(results, key=lambda result: result.code)


def run_checks(con: duckdb.DuckDBPyConnection, context: GateContext, checks: Sequence[Check]) -> list[CheckResult]:
    """These checks alone, as one suite."""
    with in_context(con, context):
        return _validate(con, context, checks)


def failing_rows(con: duckdb.DuckDBPyConnection, context: GateContext, check: Check) -> list[Failure]:
    """The units that fail `check` (at most MAX_FAILURES), those that touch most euros, hours and passes first."""
    (result,) = run_checks(con, context, [check])
    return list(result.failures)


def _validate(con: duckdb.DuckDBPyConnection, context: GateContext, checks: Sequence[Check]) -> list[CheckResult]:
    """One suite: the profile of each check, one batch of them all, one validation."""
    results: list[CheckResult] = []
    profiles: dict[str, pd.DataFrame] = {}
    expectations: dict[str, Any] = {}
    for check in checks:
        if check.needs_previous and context.previous is None:
            results.append(_result(check, context, "ok", "aucune version précédente à comparer"))
            continue
        try:
            profiles[check.code] = con.execute(_bounded(con, check)).df()
            expectations[check.code] = check.expectation(context)
        except Exception as error:  # noqa: BLE001 — a check that cannot run is an error of the check, and is shown as one
            results.append(_result(check, context, "erreur", _say(error)))
    runnable = [check for check in checks if check.code in expectations]
    try:
        outcomes = _run_expectations(profiles, expectations) if runnable else {}
    except Exception as error:  # noqa: BLE001 — the whole suite could not run: each of its checks says so
        return results + [_result(check, context, "erreur", _say(error)) for check in runnable]
    return results + [_judge(check, context, profiles[check.code], outcomes[check.code]) for check in runnable]


def _bounded(con: duckdb.DuckDBPyConnection, check: Check) -> str:
    """The profile with every scope column, the worst units first."""
    names = {column[0] for column in con.execute(f"describe ({check.profile})").fetchall()}
    scope = ", ".join(f"cast({name if name in names else 'null'} as {kind}) as {name}" for name, kind in _SCOPE.items())
    direction = "desc" if check.minimum is None else "asc"
    return (
        f"select cast(value as double) as value, {scope} from ({check.profile}) as profile "
        f"order by value {direction} nulls last, amount_eur desc nulls last, passes desc nulls last, detail "
        f"limit {MAX_UNITS}"
    )


def _run_expectations(profiles: dict[str, pd.DataFrame], expectations: dict[str, Any]) -> dict[str, Any]:
    """Code → what Great Expectations found, the failing positions of the profile included."""
    import great_expectations as gx

    batch = pd.DataFrame({code: profiles[code]["value"].astype("float64") for code in expectations})
    asset = _open_quietly().data_sources.add_pandas("profiles").add_dataframe_asset("profiles")
    suite = gx.ExpectationSuite(name="suite", expectations=list(expectations.values()))
    validation = (
        asset.add_batch_definition_whole_dataframe("profiles")
        .get_batch({"dataframe": batch})
        .validate(suite, result_format={"result_format": "COMPLETE"})
    )
    return {outcome.expectation_config.kwargs["column"]: outcome for outcome in validation.results}


def _open_quietly() -> Any:
    """A Great Expectations context in memory: no progress bar, no word on stderr, no folder left behind."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # One of its loggers sets its own level: the parent's is not enough.
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "great_expectations"]:
        logging.getLogger(name).setLevel(logging.WARNING)
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _judge(check: Check, context: GateContext, profile: pd.DataFrame, outcome: Any) -> CheckResult:
    exceptions = [
        detail["exception_message"] for detail in _exceptions(outcome.exception_info) if detail.get("raised_exception")
    ]
    if exceptions:
        return _result(check, context, "erreur", " ; ".join(map(str, exceptions)))
    if outcome.success:
        return _result(check, context, "ok", describe_success(check, profile["value"]))
    failing = profile.iloc[outcome.result["unexpected_index_list"]]
    worst_first = failing.sort_values(
        ["amount_eur", "hours", "passes"], ascending=False, na_position="last", kind="stable"
    )
    observed = describe_failure(check, failing)
    failures = [_failure(row) for row in worst_first.head(MAX_FAILURES).to_dict("records")]
    return _result(check, context, "ko", observed, failures)


def _failure(row: dict[str, Any]) -> Failure:
    known = {name: None if pd.isna(row[name]) else row[name] for name in _SCOPE}
    known["passes"] = None if known["passes"] is None else int(known["passes"])
    return Failure(**known)  # type: ignore[typeddict-item]


def _exceptions(info: dict[str, Any]) -> list[dict[str, Any]]:
    return [info] if "raised_exception" in info else list(info.values())


def _say(error: Exception) -> str:
    return f"{type(error).__name__} : {error}"


def _result(
    check: Check, context: GateContext, status: str, observed: str, failures: Sequence[Failure] = ()
) -> CheckResult:
    return CheckResult(
        code=check.code,
        table_name=check.table_name,
        severity=check.severity,
        status=status,  # type: ignore[arg-type]
        observed=observed,
        expected=check.expected_in(context),
        owner=check.owner,
        sentence=check.sentence,
        failures=failures,
    )
