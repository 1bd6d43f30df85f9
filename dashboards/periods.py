"""The spans of time that the months chosen are made of, the longest first: years, quarters, months.

What is protected is given by such a span (reporting/cube): a figure of a period is the sum of those that make it. Does
not live here: the filters (filters.py), which of them are withheld (reporting/cube).
"""

from __future__ import annotations

from datetime import date

import polars as pl

#: Before and after any data: a period without a beginning or an end.
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 1)
#: Since the start.
ALL = "tout"
#: How a span of each level is written.
SPANS = {"year": r"^\d{4}$", "quarter": r"^\d{4}-T\d$", "month": r"^\d{4}-\d\d$"}


def cover(start: date | None, end: date | None) -> list[str]:
    """The spans that make the months from `start` to `end` (first days, both included; None: no bound)."""
    if start is None and end is None:
        return [ALL]
    first, last = _number(start or _FIRST), _number(end or _LAST)
    spans = []
    while first <= last:
        size = next(size for size in (12, 3, 1) if first % size == 0 and first + size - 1 <= last)
        spans.append(_written(first, size))
        first += size
    return spans


def first_day(span: pl.Expr) -> pl.Expr:
    """The first day of a month (2021-03), a quarter (2021-T1) or a year."""
    quarter = span.str.extract(r"-T(\d)$").cast(pl.Int8)
    month = span.str.extract(r"-(\d\d)$").cast(pl.Int8)
    return pl.date(span.str.head(4).cast(pl.Int32), pl.coalesce(3 * quarter - 2, month, 1), 1)


def quarter_of(month: pl.Expr) -> pl.Expr:
    """The quarter (2021-T1) of a month (2021-03)."""
    return pl.format("{}-T{}", month.str.head(4), (month.str.slice(5, 2).cast(pl.Int8, strict=False) + 2) // 3)


def _number(month: date) -> int:
    return month.year * 12 + month.month - 1


def _written(first: int, size: int) -> str:
    year, month = divmod(first, 12)
    return {12: f"{year}", 3: f"{year}-T{month // 3 + 1}", 1: f"{year}-{month + 1:02d}"}[size]
