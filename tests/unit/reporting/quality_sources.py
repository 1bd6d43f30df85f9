"""Sources of a report written out by hand, for the tests of its content."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from reporting.quality import sources
from reporting.quality.sources import Sources

LIEU_A, LIEU_B = "21940080900014", "21930048800017"
RECEIVED = datetime(2022, 12, 1, 8)


def delivery(file_id: str, name: str, dataset: str | None = "utilisations", **more: Any) -> dict[str, Any]:
    """One row of quality.delivered_file; loaded unless told otherwise."""
    row = {
        "file_id": file_id,
        "sha256": f"sha-{file_id}",
        "file_name": name,
        "dataset": dataset,
        "extract_date": date(2022, 11, 30),
        "received_at": RECEIVED,
        "outcome": "loaded",
        "lines_read": 100,
        "lines_rejected": 0,
    }
    return row | more


def finding(file_id: str, line: int, column: str, value: str | None, reason: str = "invalid_value", **more: Any):
    """One row of quality.rejected_line or quality.field_issue."""
    row = {"file_id": file_id, "file_name": f"{file_id}.csv", "dataset": "utilisations", "line_number": line}
    return row | {"column_name": column, "value": value, "reason": reason} | more


def check(
    code: str, status: str = "ko", severity: str = "avertissement", owner: str = "lieu", mend: str = ""
) -> dict[str, Any]:
    """One row of quality.check_result."""
    texts = {
        "table_name": "fct_redemption",
        "observed": "3 lieux",
        "expected": "aucun",
        "sentence": f"Règle {code}.",
        "mend": mend,
    }
    return {"code": code, "status": status, "severity": severity, "owner": owner} | texts


def make_sources(guarded: tuple[str, ...] = (), status: str = "published", **rows: list[dict[str, Any]]) -> Sources:
    """Sources with these rows; a use weighs 10 € and half an hour."""
    rows.setdefault("delivered", [delivery("f1", "f1.csv"), delivery("f2", "f2.csv", extract_date=date(2022, 10, 31))])
    rows.setdefault("weights", [{"dataset": "utilisations", "passes": 1.0, "amount_eur": 10.0, "hours": 0.5}])
    schemas: dict[str, dict[str, Any]] = {
        "delivered": sources.DELIVERED_SCHEMA,
        "rejected": sources.FINDING_SCHEMA,
        "issues": sources.FINDING_SCHEMA,
        "conflicts": sources.CONFLICT_SCHEMA,
        "checks": sources.CHECK_SCHEMA,
        "failures": sources.FAILURE_SCHEMA,
        "lines": sources.LINE_SCHEMA,
        "weights": sources.WEIGHT_SCHEMA,
        "names": sources.NAME_SCHEMA,
        "seen": sources.SEEN_SCHEMA,
    }
    frames = {name: pl.DataFrame(rows.get(name, []), schema=schema) for name, schema in schemas.items()}
    return Sources(
        build_id="20221201T060000Z-abcdef",
        status=status,
        as_of=date(2022, 11, 30),
        is_demo=False,
        inputs_sha256="inputs",
        **frames,
        known_files=frozenset(frames["delivered"]["file_id"]),
        guarded=frozenset(guarded),
    )
