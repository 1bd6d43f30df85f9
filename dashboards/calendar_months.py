"""Every month of the programme up to that of the data, for a chart of one place: a month without activity is a zero.

Does not live here: the months that have activity (queries*.py), which are withheld (reporting/cube).
"""

from __future__ import annotations

import polars as pl

from dashboards.frame import Page


def whole(page: Page, found: pl.DataFrame, names: list[str], is_known: bool, quarters: bool = False) -> pl.DataFrame:
    """One row a month (`quarters`: a quarter, by its first month), with the columns `names` as numbers: those of
    `found`, null where it is withheld, a zero in the others. `is_known`: whether the place's totals are shown;
    otherwise an empty month is not told either."""
    end = page.version.as_of.replace(day=1)
    size, step = ("1q", "3mo") if quarters else ("1mo", "1mo")
    first = pl.col("month").min().dt.truncate(size)
    months = page.ask("months").select(pl.date_range(first, pl.lit(end), step).alias("month"))
    told = found.select("month", pl.col(*names).cast(pl.Float64), is_told=pl.lit(value=True))
    joined = months.join(told, on="month", how="left", maintain_order="left")
    is_empty = pl.col("is_told").is_null() & pl.lit(is_known)
    return joined.select("month", *(pl.when(is_empty).then(0.0).otherwise(name).alias(name) for name in names))
