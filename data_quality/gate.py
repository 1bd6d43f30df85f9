"""The gate: Great Expectations on small profiles of the candidate; what blocks refuses the publication.

Does not live here: dbt's own tests (keys, relationships, identities), the suites themselves (suites/).
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_quality.expectations import Check
from data_quality.results import CheckResult

os.environ["GX_ANALYTICS_ENABLED"] = "false"


@dataclass(frozen=True)
class GateContext:
    """What a check may compare the candidate with. `previous`: the published file, None the first time."""

    previous: Path | None
    max_rejected_share: float


def run_suites(con: duckdb.DuckDBPyConnection, context: GateContext) -> list[CheckResult]:
    """Every check of every suite, on the candidate behind `con` (only read). One result a check, by code."""
    if context.previous is not None:
        con.execute(f"attach '{str(context.previous).replace(chr(39), chr(39) * 2)}' as previous (read_only)")
    try:
        return [_evaluate(con, context, check) for check in all_checks()]
    finally:
        if context.previous is not None:
            con.execute("detach previous")


def all_checks() -> list[Check]:
    """Every check of data_quality/suites, in the order of the codes."""
    import data_quality.suites as suites

    found = [
        check
        for module in pkgutil.iter_modules(suites.__path__)
        for check in importlib.import_module(f"data_quality.suites.{module.name}").CHECKS
    ]
    return sorted(found, key=lambda check: check.code)


def _evaluate(con: duckdb.DuckDBPyConnection, context: GateContext, check: Check) -> CheckResult:
    try:
        profile = con.execute(check.profile(context)).df()
        outcome = _validate(profile, check.expectation(context))
    except Exception as error:  # noqa: BLE001 — a check that cannot run is an error of the check, and is shown as one
        return _result(check, "erreur", f"{type(error).__name__} : {error}")
    exceptions = [
        detail["exception_message"] for detail in _exceptions(outcome.exception_info) if detail.get("raised_exception")
    ]
    if exceptions:
        return _result(check, "erreur", " ; ".join(exceptions))
    observed = check.observed(profile) if check.observed else str(outcome.result.get("observed_value", ""))
    return _result(check, "ok" if outcome.success else "ko", observed)


def _validate(profile: Any, expectation: Any) -> Any:
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = None
    source = context.data_sources.add_pandas("profile")
    batch = source.add_dataframe_asset("profile").add_batch_definition_whole_dataframe("profile")
    return batch.get_batch({"dataframe": profile}).validate(expectation)


def _exceptions(info: dict[str, Any]) -> list[dict[str, Any]]:
    return [info] if "raised_exception" in info else list(info.values())


def _result(check: Check, status: str, observed: str) -> CheckResult:
    return CheckResult(
        code=check.code,
        table_name=check.table_name,
        severity=check.severity,
        status=status,  # type: ignore[arg-type]
        observed=observed,
        expected=check.expected,
        owner=check.owner,
        sentence=check.sentence,
    )
