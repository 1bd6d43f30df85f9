"""What a reader without the programme's files is shown of its totals: these, and nothing in place of another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from dashboards.people import whole_value
from warehouse.published.figure_address import Figure

TOTALS = pl.DataFrame({"indicator": ["hours"], "value": [2681.25]})
WHOLE = Figure("hours", "20261126T165033Z-c8a3e4")


def test_a_total_is_the_value_of_the_whole_programme() -> None:
    assert whole_value(TOTALS, WHOLE) == 2681.25


@pytest.mark.parametrize("part", [{"ami": 1}, {"start": date(2021, 1, 1)}, {"end": date(2021, 3, 1)}])
def test_the_total_is_never_shown_as_the_value_of_a_part(part: dict[str, Any]) -> None:
    """A code of the team, of one call or of some months, opened by a territory: no total gives its value."""
    assert whole_value(TOTALS, replace(WHOLE, **part)) is None


def test_a_measure_without_a_total_has_no_value() -> None:
    """Counter-payments are in no total of the programme: the panel opens all the same."""
    assert whole_value(TOTALS, replace(WHOLE, indicator="counter_paid_eur")) is None
