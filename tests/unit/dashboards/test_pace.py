"""What a card of the first screen says of its change: what the page's own table of changes says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from dashboards import pace, people
from presentation import format_fr

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
