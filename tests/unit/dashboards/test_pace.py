"""What a card of the first screen says of its change: what the page's own table of changes says."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from dashboards import pace, people
from presentation import format_fr
from presentation.outlook import Outlook

NOW = pl.DataFrame({"indicator": ["hours", "passes_used"], "value": [140.0, 150.0], "unit": ["h", "pass"],
                    "kind": ["hours", "integer"]})  # fmt: skip
PAGE: Any = SimpleNamespace(rights=SimpleNamespace(is_protected=True, threshold=11))


@pytest.mark.parametrize(
    ("passes_before", "told"), [(100.0, format_fr.signed(40, format_fr.hours_round)), (145.0, format_fr.WITHHELD)]
)
def test_a_card_tells_the_change_of_hours_where_their_passes_moved_enough(passes_before: float, told: str) -> None:
    """Hours are withheld with the passes that make them, on the card as in the table: both read the same moves."""
    before = pl.DataFrame({"indicator": ["hours", "passes_used"], "before": [100.0, passes_before]})
    moved = people.moves(PAGE, NOW.join(before, on="indicator"))
    said = pace._moved(NOW.row(0, named=True), moved, format_fr.hours_round)
    assert said == f"{told} depuis la version précédente"


def test_a_card_says_that_nothing_moved_and_nothing_without_a_version_before() -> None:
    same = people.moves(PAGE, NOW.with_columns(before="value"))
    assert pace._moved(NOW.row(0, named=True), same, format_fr.hours_round).startswith("inchangé")
    assert pace._moved(NOW.row(0, named=True), None, format_fr.hours_round) == ""


@pytest.mark.parametrize(("median", "is_told"), [(32_000, True), (34_500, False)])
def test_a_pace_that_would_be_enough_is_not_left_beside_a_target_missed(median: int, is_told: bool) -> None:
    """773 a month kept, 228 needed, and « manqué » : the card says why both hold."""
    programme: Any = SimpleNamespace(mandate_ends_on=date(2025, 2, 17))
    page: Any = SimpleNamespace(version=SimpleNamespace(as_of=date(2023, 12, 31)), programme=programme)
    row = {"indicator": "people_reached", "value": 30_903, "target": 34_000}
    end = {"low": 31_500, "median": median, "high": median + 700, "ceiling": 36_000, "target": 34_000}
    ahead = Outlook(end | {"low": median - 400}, None, date(2024, 8, 31))
    told = pace._pace(page, row, 9_276.0, format_fr.integer, ahead)
    assert told[0].startswith("773 par mois sur un an")
    assert (pace.NOT_HELD in told) == is_told
