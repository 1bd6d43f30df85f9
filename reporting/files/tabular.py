"""CSV files for machines (UTF-8, comma, ISO dates), each with its Table Schema. Does not live here: sheets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from presentation.format_fr import KINDS
from presentation.table import WITHHELD, Column, Table


def csv_bytes(table: Table) -> bytes:
    """The table as CSV: header first, « s » where a value is withheld, empty where there is none."""
    return table.text().write_csv(separator=",", quote_style="necessary", line_terminator="\n").encode("utf-8")


def schema_of(table: Table, homepage: str = "") -> dict[str, Any]:
    """The Table Schema (frictionless) of a table's CSV."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": table.layout.name,
        "title": table.layout.title,
        "missingValues": ["", WITHHELD],
        "primaryKey": list(table.layout.key),
        "fields": [_field(column, column.name in table.layout.key) for column in table.layout.columns],
    }


def _field(column: Column, is_key: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.title,
        "description": column.description or column.title,
        "type": KINDS[column.kind].field,
        **({"format": "%Y-%m-%d"} if column.kind == "date" else {}),
    }
    constraints: dict[str, Any] = {"required": True} if is_key else {}
    if column.kind in ("integer", "hours", "euros", "share") and not column.is_signed:
        constraints["minimum"] = 0
    if constraints:
        field["constraints"] = constraints
    return field


def write_csv(table: Table, folder: Path) -> list[Path]:
    """Write <name>.csv and <name>.schema.json in `folder`. Returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    data, schema = folder / f"{table.layout.name}.csv", folder / f"{table.layout.name}.schema.json"
    data.write_bytes(csv_bytes(table))
    schema.write_text(json.dumps(schema_of(table), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [data, schema]
