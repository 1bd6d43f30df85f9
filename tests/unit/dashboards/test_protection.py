"""Small counts: none is shown, and none can be had by subtracting what is shown from the totals."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dashboards.protection import far_apart, is_small, protect, protect_column, withheld_cells

THRESHOLD = 11
TABLES = arrays(np.int64, st.tuples(st.integers(2, 6), st.integers(2, 6)), elements=st.integers(0, 60))


@given(TABLES)
def test_no_small_count_is_shown(counts: np.ndarray) -> None:
    shown = counts[~withheld_cells(counts, THRESHOLD)]
    assert not ((shown > 0) & (shown < THRESHOLD)).any()


@given(TABLES)
def test_no_line_lets_a_small_sum_be_recovered(counts: np.ndarray) -> None:
    hidden = withheld_cells(counts, THRESHOLD)
    for line, mask in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
        exhausted = not ((line > 0) & ~mask).any()
        assert not mask.any() or exhausted or (mask.sum() >= 2 and line[mask].sum() >= THRESHOLD)


def test_a_single_small_cell_takes_the_smallest_other_with_it() -> None:
    frame = pl.DataFrame({"name": ["a", "b", "c"], "people": [5, 20, 300]})
    assert protect_column(frame, ["people"], THRESHOLD)["people"].to_list() == [None, None, 300]


def test_a_cell_withheld_in_one_measure_is_withheld_in_both() -> None:
    frame = pl.DataFrame(
        {
            "row": ["x", "x", "y", "y"],
            "column": ["oui", "non", "oui", "non"],
            "people_equipped": [12, 40, 50, 60],
            "people_reached": [9, 30, 40, 50],
        }
    )
    safe = protect(frame, "row", "column", ["people_equipped", "people_reached"], THRESHOLD)
    assert safe["people_equipped"].is_null().to_list() == safe["people_reached"].is_null().to_list()
    assert safe["people_reached"][0] is None


def test_large_counts_are_all_shown_and_zero_says_nothing() -> None:
    frame = pl.DataFrame({"name": ["a", "b"], "people": [0, 300]})
    assert protect_column(frame, ["people"], THRESHOLD)["people"].to_list() == [0, 300]
    assert protect_column(frame.clear(), ["people"], THRESHOLD).is_empty()


def test_growing_totals_shown_never_differ_by_a_small_count() -> None:
    """People reached by week: the first weeks, and a week of few, would be small counts."""
    totals = np.array([0, 3, 9, 11, 15, 30, 30, 41, 45])
    assert totals[far_apart(totals, 11)].tolist() == [0, 11, 30, 30, 41]


def test_a_difference_is_small_whatever_its_sign() -> None:
    frame = pl.DataFrame({"change": [-11, -10, -1, 0, 1, 10, 11, None]})
    small = frame.select(is_small(pl.col("change"), 11)).to_series().to_list()
    assert small == [False, True, True, False, True, True, False, None]
