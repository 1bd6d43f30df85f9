"""A rate in the protected cube: shown only where what it divides and what divides it are; its rank among those."""

from __future__ import annotations

import polars as pl

from reporting.cube import rates

RATES = pl.DataFrame(
    [
        ("territory", "A", "people", 2.0, "people_reached", "population", "highest"),
        ("territory", "B", "people", 9.0, "people_reached", "population", "highest"),
        ("territory", "C", "people", 1.0, "people_reached", "population", "highest"),
        ("territory", "A", "cost", 7.0, "face_value_used_eur", "people_reached", "lowest"),
        ("territory", "B", "cost", 5.0, "face_value_used_eur", "people_reached", "lowest"),
        ("programme", "", "people", 4.0, "people_reached", "population", "highest"),
    ],
    schema=["kind", "place", "measure", "value", "numerator_code", "denominator_code", "rank_from"],
    orient="row",
)


def _facts(*rows: tuple[str, str, str, float | None]) -> pl.DataFrame:
    found = [(kind, place, "tout", measure, value) for kind, place, measure, value in rows]
    return pl.DataFrame(found, schema=["kind", "place", "span", "measure", "value"], orient="row")


KNOWN = _facts(
    ("territory", "A", "people_reached", 30.0),
    ("territory", "B", "people_reached", None),
    ("territory", "C", "people_reached", 12.0),
    ("territory", "A", "face_value_used_eur", None),
    ("territory", "B", "face_value_used_eur", 60.0),
    ("programme", "", "people_reached", 99.0),
)


def _value(kind: str, place: str, measure: str) -> float | None:
    found = rates.shown(RATES, KNOWN).filter(kind=kind, place=place, measure=measure)
    assert found.height == 1
    return found["value"][0]


def test_a_rate_whose_count_is_withheld_is_withheld_for_inhabitants_are_public() -> None:
    """0.16 for 1,000 of 50,000 inhabitants is 8 people."""
    assert _value("territory", "B", "people") is None
    assert (_value("territory", "A", "people"), _value("programme", "", "people")) == (2.0, 4.0)


def test_a_rate_is_withheld_with_either_of_its_two_figures() -> None:
    assert _value("territory", "A", "cost") is None
    assert _value("territory", "B", "cost") is None


def test_a_rank_is_among_those_shown_and_says_nothing_of_the_others() -> None:
    """B, the highest, is withheld: it takes no place, and how many have one does not count it."""
    assert [_value("territory", place, "people_place") for place in "ABC"] == [1.0, None, 2.0]
    assert _value("programme", "", "people_places") == 2.0
    assert _value("programme", "", "cost_places") == 0.0
