"""How figures of the cube are read, by pages and documents alike: sums that withhold, passes by their last day.

Does not live here: making the cube (store.py), which figures it withholds (choose.py).
"""

from __future__ import annotations

import polars as pl

#: The measures of what can still be used, in the cube → in an answer.
USABLE = {"passes_usable": "passes", "face_value_usable_eur": "face_value_eur"}


def whole_sum(name: str) -> pl.Expr:
    """The sum of a column, null where a value is withheld; zero of nothing."""
    return pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name)


def lapsing_by_day(facts: pl.DataFrame) -> pl.DataFrame:
    """kind, place, expires_on (first day that they no longer are usable): passes, face_value_eur; null where withheld.

    facts: of the cube, at least kind, place, span, measure, value.
    """
    days = facts.filter(pl.col("span").str.starts_with("d")).pivot(
        "measure", index=["kind", "place", "span"], values="value"
    )
    missing = [pl.lit(None, pl.Float64).alias(name) for name in USABLE if name not in days.columns]
    return days.with_columns(missing).select(
        "kind", "place", pl.col("span").str.tail(10).str.to_date().alias("expires_on"),
        *(pl.col(name).alias(shown) for name, shown in USABLE.items()),
    )  # fmt: skip
