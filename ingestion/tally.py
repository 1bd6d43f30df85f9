"""How many lines came to what, of a file or of a part of it: parts add up to the file.

Does not live here: judging lines (judging), what is told of them (report, accounting).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl

Why = tuple[str | None, str]
"""A column (None: the whole line), and a reason."""


@dataclass(frozen=True)
class Tally:
    """Rows, and lines by what became of them. `rejects`, `notes`: rejected lines and values set aside, by column and
    reason. `widths`: lines of a wrong number of fields, by that number."""

    rows: int = 0
    rejected: int = 0
    issues: int = 0
    absorbed: int = 0
    rejects: Counter[Why] = field(default_factory=Counter)
    notes: Counter[Why] = field(default_factory=Counter)
    widths: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: pl.DataFrame, rejected: pl.DataFrame, issues: pl.DataFrame, absorbed: pl.DataFrame) -> Tally:
        """Of the four tables of a file (parse.Parsed)."""
        widths = rejected.filter(pl.col("reason") == "wrong_field_count") if rejected.height else rejected
        return cls(
            rows=rows.height,
            rejected=rejected.height,
            issues=issues.height,
            absorbed=absorbed.height,
            rejects=_count(rejected, "column_name", "reason"),
            notes=_count(issues, "column_name", "reason"),
            widths=Counter({value: number for (value,), number in _count(widths, "value").items()}),
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))


def _count(findings: pl.DataFrame, *columns: str) -> Counter[Any]:
    if findings.is_empty():
        return Counter()
    return Counter({tuple(key): number for *key, number in findings.group_by(columns).len().rows()})
