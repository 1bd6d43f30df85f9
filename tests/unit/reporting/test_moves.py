"""Two versions side by side: a small change is a small count, whatever its sign."""

from __future__ import annotations

import polars as pl

from reporting.cube.moves import secret_moves


def _moved(rows: list[tuple[str, float | None, float | None]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["indicator", "value", "before"], orient="row")
    return secret_moves(frame.with_columns(change=pl.col("value") - pl.col("before")), 11)


def test_a_change_of_a_few_people_is_withheld_with_the_total_that_would_give_it() -> None:
    told = _moved([("people_reached", 110.0, 103.0), ("budget_paid_eur", 103.0, 100.0)])
    assert told.select("before", "change").rows() == [(None, None), (100.0, 3.0)]


def test_a_change_in_hours_is_withheld_with_the_few_passes_behind_it() -> None:
    told = _moved([("passes_used", 500.0, 503.0), ("hours", 250.0, 251.5), ("people_equipped", 90.0, 70.0)])
    assert told["change"].to_list() == [None, None, 20.0]


def test_a_change_large_enough_is_told() -> None:
    assert _moved([("passes_used", 511.0, 500.0), ("hours", 250.0, 240.0)])["change"].to_list() == [11.0, 10.0]
