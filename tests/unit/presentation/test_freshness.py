"""The age of the data: calendar days, given today's date."""

from __future__ import annotations

from datetime import date

import pytest

from presentation.freshness import Freshness

AS_OF = date(2023, 12, 31)


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (AS_OF, "Données au 31 décembre 2023, aujourd'hui."),
        (date(2024, 1, 1), "Données au 31 décembre 2023, il y a 1\u00a0jour."),
        (date(2024, 2, 4), "Données au 31 décembre 2023, il y a 35\u00a0jours."),
        (
            date(2024, 2, 5),
            "Données au 31 décembre 2023, il y a 36\u00a0jours : en retard, une livraison est attendue au moins tous "
            "les 35\u00a0jours.",
        ),
    ],
)
def test_the_age_is_counted_in_days_up_to_today(today: date, told: str) -> None:
    """Late when older than expected_delivery_days, not on the day itself."""
    assert Freshness(AS_OF, today, 35).sentence == told


def test_the_days_expected_are_a_setting() -> None:
    today = date(2024, 1, 10)
    assert not Freshness(AS_OF, today, 10).is_late
    assert Freshness(AS_OF, today, 9).is_late
