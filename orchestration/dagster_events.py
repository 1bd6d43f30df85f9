"""What Dagster is told of a step: the metadata of its assets and the outcome of its checks, written once.

The assets yield it during a Dagster run; `passnum run` reports it to a Dagster that exists (runless.py). Does not live
here: the steps themselves (steps.py).
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from ingestion.delivery import Delivery
from orchestration.steps import Published
from warehouse.check_result import CheckResult

LAKE = "lake"
GATE = dg.AssetKey(["quality", "gate"])
PUBLISHED = dg.AssetKey(["warehouse", "published"])
NO_BLOCKING = "no_blocking_check_fails"


def lake_metadata(dataset: str, deliveries: list[Delivery]) -> dict[str, int]:
    """What came for an export: files and lines."""
    mine = [delivery for delivery in deliveries if delivery.dataset == dataset]
    return {
        "files_loaded": sum(d.outcome == "loaded" for d in mine),
        "files_duplicate": sum(d.outcome == "duplicate" for d in mine),
        "files_rejected": sum(d.outcome == "rejected" for d in mine),
        "lines_accepted": sum(d.lines_accepted for d in mine),
        "lines_rejected": sum(d.lines_rejected for d in mine),
        "lines_duplicate": sum(d.lines_duplicate for d in mine),
    }


def model_metadata(seconds: float, rank: int, total: int, rows: int | None = None) -> dict[str, Any]:
    """A model built: how long it took, its place among the others, and its rows where they are kept."""
    told: dict[str, Any] = {"seconds": seconds, "rank": f"{rank} sur {total}"}
    return told if rows is None else told | {"dagster/row_count": rows}


def gate_metadata(results: list[CheckResult]) -> dict[str, int]:
    """The verdict in numbers."""
    blocking = sum(result.blocks for result in results)
    return {
        "checks": len(results),
        "blocking": blocking,
        "warnings": sum(result.status != "ok" for result in results) - blocking,
    }


def published_metadata(published: Published) -> dict[str, Any]:
    """Which version readers see."""
    record = published.record
    return {
        "build_id": record.build_id,
        "as_of": str(record.as_of),
        "path": str(published.path),
        "is_demo": record.is_demo,
    }


def dbt_outcome(check: CheckResult) -> dict[str, Any]:
    """The outcome of a data test of dbt, as the keywords of an asset check's result or evaluation."""
    return _outcome(check, check.sentence, code=check.code, observed=check.observed)


def suite_outcome(check: CheckResult) -> dict[str, Any]:
    """The outcome of a check of the suites, likewise."""
    return _outcome(check, check.observed, status=check.status, expected=check.expected)


def _outcome(check: CheckResult, description: str, **metadata: str) -> dict[str, Any]:
    return {
        "passed": check.status == "ok",
        "severity": _severity(check),
        "description": description,
        "metadata": {**metadata, "owner": check.owner},
    }


def verdict_outcome(results: list[CheckResult]) -> dict[str, Any]:
    """The one check that stops the publication; every result is in its metadata, without its failing units."""
    blocking = [result for result in results if result.blocks]
    told = " ".join(f"{result.code} : {result.sentence} ({result.observed})" for result in blocking)
    lines = [{name: value for name, value in vars(result).items() if name != "failures"} for result in results]
    return {
        "passed": not blocking,
        "description": told or "Aucun contrôle bloquant en échec.",
        "metadata": {"results": dg.MetadataValue.json(lines)},
    }


def check_name(code: str) -> str:
    """Dagster allows no hyphen: PN_401."""
    return code.replace("-", "_")


def _severity(check: CheckResult) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if check.blocks else dg.AssetCheckSeverity.WARN
