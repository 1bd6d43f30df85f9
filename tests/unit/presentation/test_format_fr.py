"""Numbers and dates as a French reader writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from presentation import format_fr, french


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (12345.6, "euros", "12\u202f345,60\u00a0€"),
        (Decimal("3800000.00"), "euros_round", "3\u202f800\u202f000\u00a0€"),
        (99579.04, "hours", "99\u202f579\u00a0h"),
        (99579.04, "hours_exact", "99\u202f579,0\u00a0h"),
        # A half goes up, as in a workbook and in a chart.
        (1234.5, "hours", "1\u202f235\u00a0h"),
        (-2.5, "integer", "−3"),
        (-0.3, "integer", "0"),
        (0.456, "share", "45,6\u00a0%"),
        # Nothing and all have no decimal; what is nearly all keeps it.
        (1, "share", "100\u00a0%"),
        (Decimal("0.0000"), "people_share", "0\u00a0%"),
        (0.9999, "share", "100,0\u00a0%"),
        (0.5, "share", "50,0\u00a0%"),
        (0.5, "share_round", "50\u00a0%"),
        (0.625, "share_round", "62,5\u00a0%"),
        (0.1849, "rate", "0,18"),
        (6.6, "rate", "6,6"),
        (19.44, "rate", "19,4"),
        (126.4, "rate", "126"),
        (-1234, "integer", "−1\u202f234"),
        (date(2023, 12, 31), "date", "31/12/2023"),
        (date(2020, 8, 1), "month", "août 2020"),
        (datetime(2026, 7, 1, 22, 30), "instant", "02/07/2026 à 00:30"),
        (datetime(2026, 1, 1, 22, 30), "instant", "01/01/2026 à 23:30"),
        (True, "yes_no", "oui"),
        (None, "integer", "—"),
        (None, "people", "secret"),
        (None, "people_share", "secret"),
    ],
)
def test_a_value_is_written_in_french(value: object, kind: str, text: str) -> None:
    assert format_fr.write(value, kind) == text


def test_the_first_of_a_month_is_premier() -> None:
    assert format_fr.day_long(date(2024, 2, 1)) == "1er février 2024"
    assert format_fr.day_long(date(2024, 2, 11)) == "11 février 2024"


def test_french_keeps_the_singular_under_two() -> None:
    assert [format_fr.count(n, "lieu", "lieux") for n in (0, 1, 2)] == ["0\u00a0lieu", "1\u00a0lieu", "2\u00a0lieux"]


def test_a_change_carries_its_sign() -> None:
    assert format_fr.signed(1200, format_fr.integer) == "+1\u202f200"
    assert format_fr.signed(-1200, format_fr.integer) == "−1\u202f200"
    assert format_fr.signed(0, format_fr.integer) == "0"


def test_a_part_of_a_small_target_has_no_decimal() -> None:
    """One territory of 34 is three hundredths: « 97,1 % » says no more than « 97 % »."""
    assert french.part_of(33, 34) == "97\u00a0%"
    assert french.part_of(104, 100) == "104\u00a0%"
    assert french.part_of(30_903, 34_000) == "90,9\u00a0%"
    assert french.part_of(Decimal("1900000"), Decimal("3800000.00")) == "50,0\u00a0%"
    assert french.part_of(3, 0) == "0\u00a0%"
