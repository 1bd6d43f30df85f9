"""A yardstick with other figures is refused, whatever its speed."""

from __future__ import annotations

import pytest

from benchmarks.runs import WrongFigures, assert_same_figures, is_left_out


@pytest.mark.parametrize(
    "found",
    [{"hours": 10.0, "passes_used": 4.0}, {"hours": 10.0}, {"hours": 10.0, "passes_used": 3.0, "more": 1.0}],
    ids=["another value", "an indicator too few", "an indicator too many"],
)
def test_figures_that_differ_are_refused(found: dict[str, float]) -> None:
    with pytest.raises(WrongFigures, match="polars"):
        assert_same_figures("polars", found, {"hours": 10.0, "passes_used": 3.0})


def test_figures_equal_to_rounding_are_accepted() -> None:
    assert_same_figures("polars", {"hours": 10.0 + 1e-9}, {"hours": 10.0})


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("quality.delivered_file", True),
        ("core.fct_pass", False),
        ("marts.projection", False),
        ("intermediate.int_projection_pace", False),
    ],
)
def test_what_the_floor_does_not_make_is_known_by_its_table(table: str, expected: bool) -> None:
    assert is_left_out(table) is expected
