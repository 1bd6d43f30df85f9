"""The one writing of numbers, days and instants for a French reader.

Not here: what a column asks for by name and a missing value (test_format_fr.py).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from presentation import french


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (french.integer(1250.6), "1\u202f251"),
        (french.decimal(1250.25), "1\u202f250,3"),
        (french.decimal(50, 0), "50"),
        (french.euros(1250.5), "1\u202f250,50\u00a0€"),
        (french.euros_round(1250.5), "1\u202f251\u00a0€"),
        (french.hours(0), "0\u00a0h"),
        (french.hours(12.5), "12,5\u00a0h"),
        (french.hours(12), "12\u00a0h"),
        (french.hours(99.94), "99,9\u00a0h"),
        (french.hours(99.96), "100\u00a0h"),
        (french.hours(99579.5), "99\u202f580\u00a0h"),
        (french.hours(1250.4999999999998), "1\u202f251\u00a0h"),  # months added up, of a true 1250.5
        (french.hours(-1250.5), "\u22121\u202f251\u00a0h"),
        (french.hours_exact(99579), "99\u202f579,0\u00a0h"),
        (french.percent(0.5426), "54,3\u00a0%"),
        (french.percent(0.5, 0), "50\u00a0%"),
        (french.day(date(2023, 1, 2)), "02/01/2023"),
        (french.day_long(date(2023, 1, 1)), "1er janvier 2023"),
        (french.day_long(date(2023, 1, 11)), "11 janvier 2023"),
        (french.month(date(2023, 8, 1)), "août 2023"),
        (french.count(1.5, "jour"), "2\u00a0jours"),
        (french.count(2, "lieu", "lieux"), "2\u00a0lieux"),
    ],
)
def test_what_a_french_reader_expects(written: str, expected: str) -> None:
    assert written == expected


def test_an_instant_is_told_on_the_clocks_of_paris() -> None:
    """Days are calendar days in Europe/Paris; what is stored is UTC, with or without saying so."""
    assert french.instant_long(datetime(2022, 7, 1, 22, 30)) == "2 juillet 2022 à 00:30"
    assert french.instant(datetime(2022, 12, 1, 9, 5, tzinfo=UTC)) == "01/12/2022 à 10:05"


def test_a_line_never_begins_with_a_mark_nor_ends_with_an_opening_guillemet() -> None:
    assert french.bind("du 1er mai 2023 au 12 août 2024, 3 pass") == (
        "du 1er\u00a0mai\u00a02023 au 12\u00a0août\u00a02024, 3 pass"
    )
    assert french.bind("« oui » : quoi ?") == "«\u00a0oui\u00a0»\u00a0: quoi\u00a0?"


def test_a_line_never_cuts_a_number_nor_leaves_a_sign_alone_at_its_end() -> None:
    """Titles of narrow columns: « n° / 12 », « (10 / %) », « 1 / 000 habitants », « − / Utilisés »."""
    assert french.bind("borne (10 %), pour 1 000 habitants en 2017 2018") == (
        "borne (10\u00a0%), pour 1\u00a0000 habitants en 2017 2018"
    )
    assert french.bind("lieu n° 12") == "lieu n°\u00a012"
    assert french.bind("− Utilisés = Clôture × 2") == "−\u00a0Utilisés =\u00a0Clôture ×\u00a02"
