"""A period is made of years, quarters and months, the longest that fit."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from dashboards.periods import cover, first_day


@pytest.mark.parametrize(
    ("start", "end", "spans"),
    [
        (date(2021, 3, 1), date(2021, 3, 1), ["2021-03"]),
        (date(2021, 1, 1), date(2021, 12, 1), ["2021"]),
        (date(2020, 11, 1), date(2022, 4, 1), ["2020-11", "2020-12", "2021", "2022-T1", "2022-04"]),
    ],
)
def test_a_period_is_made_of_the_longest_spans(start: date, end: date, spans: list[str]) -> None:
    assert cover(start, end) == spans


def test_without_bounds_everything_is_one_span() -> None:
    assert cover(None, None) == ["tout"]


def test_a_bound_alone_goes_on_with_whole_years() -> None:
    assert cover(date(2022, 10, 1), None)[:2] == ["2022-T4", "2023"]
    assert cover(None, date(2021, 2, 1))[-3:] == ["2020", "2021-01", "2021-02"]


def test_a_span_begins_on_a_day() -> None:
    spans = pl.DataFrame({"span": ["2021-03", "2021-T3", "2021", "2022-12", "2022-T1"]})
    assert spans.select(first_day(pl.col("span"))).to_series().to_list() == [
        date(2021, 3, 1), date(2021, 7, 1), date(2021, 1, 1), date(2022, 12, 1), date(2022, 1, 1),
    ]  # fmt: skip
