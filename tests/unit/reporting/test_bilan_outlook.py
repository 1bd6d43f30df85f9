"""The bilan's mandate end: one row a measure, a second where the budget left would add passes, the verdict in words."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from presentation.attention.point import Point
from presentation.attention.targets import target_points
from programme.config import load_programme
from reporting.bilan import outlook

AS_OF, END = date(2023, 12, 31), date(2025, 2, 17)


def publication(*, ceiling: float, reissued: float = 0.0, period_end: date = AS_OF) -> Any:
    """A publication whose people are projected from 31,500 to 32,800, for 34,000."""
    rows = [
        {
            "indicator": "people_reached",
            "scenario": scenario,
            "target_on": END,
            "is_mandate_end": True,
            "low": 31_530.0,
            "median": 32_169.0,
            "high": 32_840.0,
            "ceiling": ceiling + more,
            "target": 34_000.0,
            "is_indicative": False,
        }
        for scenario, more in (("sans_reemission", 0.0), ("budget_restant", reissued))
    ]
    tried: dict[str, Any] = {"trials": 42, "within_band": 39, "within_share": 39 / 42, "relative_interval_score": 0.27}
    tried |= {"indicator": "people_reached", "scenario": "sans_reemission", "is_indicative": False}
    source = SimpleNamespace(
        projection=pl.DataFrame(rows), reliability=pl.DataFrame([tried]), version=SimpleNamespace(as_of=AS_OF)
    )
    return SimpleNamespace(
        source=source,
        period=SimpleNamespace(end=period_end, months=[period_end.replace(day=1)]),
        programme=load_programme(),
        last_day=min(period_end, AS_OF),
        is_provisional=False,
    )


def row(value: float | None, masked: bool = False) -> dict[str, Any]:
    ratio = None if value is None else value / 34_000
    return {"value_cum": value, "mask_cum": masked, "target": 34_000.0, "ratio": ratio, "mask_period": True}


def missed(found: Any, summary: dict[str, Any]) -> list[Point]:
    """The targets that are points of attention."""
    points = target_points(outlook.targets(found, summary), found.programme, found.last_day)
    return [point for point in points if point.is_alert]


SUMMARY = {"hours": row(None), "people_reached": row(30_903)}


def test_a_target_above_the_ceiling_is_said_out_of_reach_in_the_table_and_in_the_text() -> None:
    found = publication(ceiling=33_470)
    assert outlook.table(found) == [
        [
            "Personnes formées",
            "34\u202f000",
            "31\u202f500",
            "32\u202f200",
            "32\u202f800",
            "33\u202f500",
            "Manqué, hors d'atteinte",
        ]
    ]
    assert outlook.points(found, SUMMARY) == []
    (point,) = missed(found, SUMMARY)
    text = point.sentence
    assert "ne peut plus être atteint avec les pass existants : au plus 33\u202f500\u00a0personnes" in text


def test_a_target_under_the_ceiling_and_over_the_band_is_missed() -> None:
    assert outlook.table(publication(ceiling=34_215))[0][-1] == "Manqué"
    (point,) = missed(publication(ceiling=34_215), SUMMARY)
    assert "manqué au rythme actuel" in point.sentence
    # 1 831 of 34 000 people short: that share of the budget is at stake.
    assert round(point.euros) == round(3_800_000 * 1_831 / 34_000)


@pytest.mark.parametrize(("reissued", "names"), [(0.0, []), (900.0, ["Personnes formées, budget restant réémis"])])
def test_the_second_scenario_has_its_row_only_where_it_adds_passes(reissued: float, names: list[str]) -> None:
    lines = outlook.table(publication(ceiling=34_215, reissued=reissued))
    assert [line[0] for line in lines] == ["Personnes formées", *names]


def test_what_is_withheld_is_not_projected_and_what_is_met_is_said_so() -> None:
    masked = {"hours": row(None), "people_reached": row(30_903, masked=True)}
    assert outlook.points(publication(ceiling=34_215), masked) == []
    assert missed(publication(ceiling=34_215), masked) == []
    met = {"hours": row(None), "people_reached": row(34_000)}
    assert outlook.points(publication(ceiling=34_215), met) == [
        "Personnes formées : l'objectif de 34\u202f000\u00a0personnes est atteint (100\u00a0%)."
    ]
    assert missed(publication(ceiling=34_215), met) == []


def test_the_bilan_of_a_period_already_passed_has_no_projection() -> None:
    past = publication(ceiling=34_215, period_end=date(2023, 9, 30))
    assert outlook.table(past) == [] and outlook.points(past, SUMMARY) == [] == missed(past, SUMMARY)
    assert "figure dans le bilan de la dernière période" in outlook.sentence(past)
    assert "39 fois sur 42" in outlook.sentence(publication(ceiling=34_215))


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        (date(2023, 12, 31), "Trop peu d'activité pour projeter la fin du mandat."),
        (date(2025, 6, 30), "Le mandat a pris fin le 17 février 2025 : il n'y a plus rien à projeter."),
    ],
)
def test_a_period_under_way_without_a_projection_says_why(as_of: date, told: str) -> None:
    """« Les données vont au-delà de la période » was said of a period that ends with the data."""
    found = publication(ceiling=1.0, period_end=as_of)
    found.source.version.as_of = as_of
    found.source.projection = found.source.projection.clear()
    assert outlook.sentence(found) == told
    found.period.end = date(2022, 12, 31)
    assert "au-delà de la période" in outlook.sentence(found)
