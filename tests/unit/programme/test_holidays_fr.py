"""French public holidays, as the date dimension and the simulator use them."""

from __future__ import annotations

from datetime import date

from programme.holidays_fr import public_holidays


def test_years_2016_to_2032_are_covered() -> None:
    days = public_holidays()
    assert {day.year for day in days} == set(range(2016, 2033))
    assert list(days) == sorted(days)


def test_fixed_and_movable_days_of_2023() -> None:
    """Code du travail L3133-1: eleven public holidays; Easter of 2023 fell on 9 April."""
    days = public_holidays(2023, 2023)
    assert len(days) == 11
    assert {date(2023, 4, 10), date(2023, 5, 18), date(2023, 5, 29), date(2023, 7, 14)} <= days.keys()
    assert days[date(2023, 8, 15)] == "Assomption"
    assert date(2023, 12, 26) not in days
