"""How old the deliveries are: at the date of the data, and today, against what is expected of each export.

Pure functions on frames. Does not live here: what is said of it (presentation/freshness.py), the clock
(programme/clock.py), the pace of each export (programme/deliveries.py, which the check PN-407 follows too).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from programme.deliveries import MONTHLY, QUARTERLY, days_expected


def ages(fresh: pl.DataFrame, as_of: date, today: date, expected_delivery_days: int) -> pl.DataFrame:
    """`Reader.freshness` with age, age_today and days_expected (days; null: none is expected), late, late_today.

    An export that is expected and was never delivered has its row, late.
    """
    known = fresh["dataset"].to_list()
    missing = pl.DataFrame({"dataset": [name for name in (*MONTHLY, *QUARTERLY) if name not in known]})
    fresh = pl.concat([fresh, missing], how="diagonal_relaxed").with_columns(pl.col("^(files|lines)_.*$").fill_null(0))
    limits = [days_expected(name, expected_delivery_days) for name in fresh["dataset"]]
    fresh = fresh.with_columns(
        pl.Series("days_expected", limits, pl.Int64),
        age=(pl.lit(as_of) - pl.col("last_extract_on")).dt.total_days(),
        age_today=(pl.lit(today) - pl.col("last_extract_on")).dt.total_days(),
        share=pl.col("lines_rejected") / pl.when(pl.col("lines_read") > 0).then("lines_read"),
    )
    expected = pl.col("days_expected").is_not_null()
    return fresh.with_columns(
        late=expected & (pl.col("age").is_null() | (pl.col("age") > pl.col("days_expected"))),
        late_today=expected & (pl.col("age_today").is_null() | (pl.col("age_today") > pl.col("days_expected"))),
    )
