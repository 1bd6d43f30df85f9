"""The points of attention say what the figures say, no more."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboards import sentences
from programme.config import load_programme

MANDATE_END = date(2025, 2, 17)
PROGRAMME = load_programme()


def progress(**values: float | None) -> dict[str, dict]:
    """Rows of programme_progress, by indicator."""
    targets = {
        "hours": 100_000,
        "people_reached": 34_000,
        "budget_committed_eur": 3_800_000,
        "state_share_due_eur": 1_800_000,
    }
    return {
        code: {
            "label": code,
            "value": value,
            "target": targets.get(code),
            "ratio": value / targets[code] if value is not None and code in targets else None,
            "answered_share": 0.9,
        }
        for code, value in values.items()
    }


def ahead(*medians: float) -> pl.DataFrame:
    """A projection, a month apart, the last at the mandate's end."""
    days = [date(2024, month, 28) for month in range(1, len(medians) + 1)]
    return pl.DataFrame(
        {
            "target_on": days,
            "low": [value * 0.9 for value in medians],
            "median": list(medians),
            "high": [value * 1.1 for value in medians],
            "is_mandate_end": [False] * (len(days) - 1) + [True],
        }
    )


def test_a_target_out_of_reach_weighs_more_than_one_within_it() -> None:
    points = sentences.targets(
        progress(hours=50_000, people_reached=30_000),
        {"hours": ahead(52_000, 60_000), "people_reached": ahead(33_000, 35_000)},
        MANDATE_END,
    )
    (hours_weight, _, hours), (people_weight, _, people) = points
    assert "il manquerait 40\u202f000\u00a0h pour atteindre l'objectif" in hours
    assert "54\u202f000\u00a0h à 66\u202f000\u00a0h" in hours and "17 février 2025" in hours
    assert "atteint vers février 2024" in people
    assert hours_weight > people_weight


def test_a_target_met_is_said_and_a_programme_without_activity_too() -> None:
    empty = ahead(1.0).clear()
    points = sentences.targets(
        progress(hours=100_000, people_reached=10), {"hours": empty, "people_reached": empty}, MANDATE_END
    )
    assert "est atteint" in points[0][2]
    assert "trop peu d'activité" in points[1][2]


def test_a_withheld_count_of_people_is_not_given_by_a_sentence() -> None:
    rows = progress(hours=10, people_reached=None, pic_share=None)
    points = sentences.targets(rows, {"hours": ahead(12.0, 20.0), "people_reached": ahead(7.0, 9.0)}, MANDATE_END)
    assert points[1][2] == "trop peu de personnes pour que leur nombre soit donné."
    assert sentences.public(rows, PROGRAMME)[0][2] == "trop peu de réponses pour donner la part du public PIC."


def test_commitments_over_the_budget_are_the_first_thing_to_read() -> None:
    rows = progress(budget_committed_eur=3_900_000, budget_paid_eur=3_000_000, state_share_due_eur=900_000)
    points = sentences.budget(rows, 1200.0)
    assert max(points)[2] == "les engagements dépassent le budget de 100\u202f000\u00a0€."
    assert any("1\u202f200\u00a0€" in text for _, subject, text in points if subject == "Avoirs")


def test_a_pic_share_under_its_floor_is_said() -> None:
    low = sentences.public(progress(pic_share=0.42), PROGRAMME)[0]
    high = sentences.public(progress(pic_share=0.58), PROGRAMME)[0]
    assert "en dessous du minimum de 50" in low[2] and "au-dessus" in high[2]
    level = sentences.public(progress(pic_share=0.5), PROGRAMME)[0]
    assert "au niveau du minimum" in level[2] and level[0] == high[0]
    assert low[0] > high[0]
    assert "10,0\u00a0% n'ont pas répondu" in low[2]


def test_passes_about_to_expire_are_counted_once() -> None:
    risk = pl.DataFrame(
        {
            "horizon_days": [30, 90],
            "status": ["prescribed", "prescribed"],
            "first_expiry_on": [date(2024, 2, 1)] * 2,
            "passes": [10, 25],
            "face_value_eur": [100.0, 250.0],
        }
    )
    assert "25\u00a0pass (250\u00a0€)" in sentences.expiry(risk)[0][2]
    assert "aucun pass" in sentences.expiry(risk.clear())[0][2]


def test_three_months_of_silence_begin_two_months_before_the_current_one() -> None:
    assert sentences.months_before(date(2023, 12, 31), 3) == date(2023, 10, 1)
    assert sentences.months_before(date(2024, 1, 15), 3) == date(2023, 11, 1)
