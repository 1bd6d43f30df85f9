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


def ahead(*medians: float, target: float, ceiling: float = 1e9, spread: float = 0.1) -> pl.DataFrame:
    """A projection, a month apart, the last at the mandate's end; the budget left would issue nothing."""
    months = range(1, len(medians) + 1)
    one = pl.DataFrame(
        {
            "target_on": [*[date(2024, month, 28) for month in months][:-1], MANDATE_END],
            "low": [value * (1 - spread) for value in medians],
            "median": list(medians),
            "high": [value * (1 + spread) for value in medians],
            "ceiling": [ceiling for _ in medians],
            "is_mandate_end": [month == len(medians) for month in months],
            "target": [float(target) for _ in medians],
            "is_indicative": [False for _ in medians],
        }
    )
    return pl.concat([one.with_columns(scenario=pl.lit(name)) for name in ("sans_reemission", "budget_restant")])


def said(value: float, hours: pl.DataFrame) -> tuple[int, str]:
    """(weight, sentence) of the hours."""
    rows = progress(hours=value, people_reached=34_000)
    weight, _, text = sentences.targets(rows, {"hours": hours, "people_reached": hours})[0]
    return weight, text


def test_a_target_out_of_reach_of_the_passes_that_exist_is_missed_and_says_it_first() -> None:
    """Even if every usable pass served, the ceiling is under the target: never « atteint », whatever the band."""
    weight, text = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=99_000, spread=0.02))
    assert text == (
        "manqué : l'objectif de 100\u202f000\u00a0h ne peut plus être atteint avec les pass existants : au plus "
        "99\u202f000\u00a0h, si chaque pass valable servait ; au rythme actuel, de 93\u202f100 à 96\u202f900\u00a0h "
        "en fin de mandat (17 février 2025)."
    )
    reachable, other = said(90_000, ahead(92_000, 95_000, target=100_000, ceiling=100_000, spread=0.02))
    assert "ne peut plus" not in other and "au plus 100\u202f000\u00a0h, si chaque pass valable servait" in other
    assert weight > reachable


def test_a_band_under_the_target_is_missed_and_one_that_holds_it_is_uncertain() -> None:
    missed_weight, missed = said(50_000, ahead(52_000, 60_000, target=100_000))
    assert missed.startswith("manqué au rythme actuel : de 54\u202f000 à 66\u202f000\u00a0h en fin de mandat")
    assert "17 février 2025" in missed and "il manquerait 40\u202f000\u00a0h pour atteindre l'objectif" in missed
    short_weight, short = said(50_000, ahead(52_000, 95_000, target=100_000))
    assert short.startswith("incertain : ") and "il manquerait 5\u202f000\u00a0h" in short
    near_weight, near = said(50_000, ahead(99_000, 101_000, target=100_000))
    assert near.startswith("incertain : ") and "l'objectif serait atteint vers février 2025" in near
    sure_weight, sure = said(50_000, ahead(120_000, 130_000, target=100_000))
    assert sure.startswith("atteint au rythme actuel, vers janvier 2024 : de 117")
    assert missed_weight > short_weight > near_weight == sure_weight


def test_a_projection_is_called_indicative_only_while_it_is() -> None:
    rows = ahead(52_000, 60_000, target=100_000)
    assert "indicative" not in said(50_000, rows)[1]
    assert "(projection indicative)" in said(50_000, rows.with_columns(is_indicative=pl.lit(True)))[1]


def test_what_the_budget_left_would_add_is_said_where_it_adds_something() -> None:
    rows = ahead(52_000, 60_000, target=100_000)
    assert "budget restant" not in said(50_000, rows)[1]
    more = pl.when(pl.col("scenario") == "budget_restant").then(1.5).otherwise(1.0)
    richer = rows.with_columns(pl.col("low", "median", "high", "ceiling") * more)
    assert "en réémettant le budget restant, de 81\u202f000 à 99\u202f000\u00a0h" in said(50_000, richer)[1]


def test_a_target_met_is_said_and_a_programme_without_activity_too() -> None:
    empty = ahead(1.0, target=1.0).clear()
    points = sentences.targets(progress(hours=100_000, people_reached=10), {"hours": empty, "people_reached": empty})
    assert "est atteint" in points[0][2]
    assert "trop peu d'activité" in points[1][2]


def test_a_withheld_count_of_people_is_not_given_by_a_sentence() -> None:
    rows = progress(hours=10, people_reached=None, pic_share=None)
    few = {"hours": ahead(12.0, 20.0, target=100_000), "people_reached": ahead(7.0, 9.0, target=34_000)}
    points = sentences.targets(rows, few)
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
