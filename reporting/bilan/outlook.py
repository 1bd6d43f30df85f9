"""What the bilan says of the mandate's end: the band of each measure, its ceiling, what becomes of its target.

Amounts are to the hundred: an estimate, and no small count can be read from it. Does not live here: the words of the
verdict (presentation/outlook.py), the layout (bilan.typ).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from presentation import labels
from presentation.french import NBSP, day_long, euros_round, integer
from presentation.outlook import HEADLINE, IF_ALL_SERVED, WITH_BUDGET, Outlook, Verdict, not_projected, trust, verdict
from reporting.bilan.wording import Point
from reporting.figures.publication import Publication

_MEASURES = {
    "hours": "Heures de formation",
    "people_reached": "Personnes formées",
    "face_value_used_eur": "Valeur utilisée",
}
_MISSED = (Verdict.OUT_OF_REACH, Verdict.MISSED)
_UNITS = {"hours": f"{NBSP}h", "people_reached": f"{NBSP}personnes"}


def has_projection(publication: Publication) -> bool:
    """The projection starts from the data's date: it has no place in the bilan of a period already passed."""
    return publication.source.version.as_of <= publication.period.end and publication.source.projection.height > 0


def projected(publication: Publication, indicator: str) -> pl.DataFrame:
    """The headline scenario of a measure, for its chart: day, low, median, high."""
    frame = publication.source.projection.filter(indicator=indicator, scenario=HEADLINE)
    columns = frame.select(pl.col("target_on").alias("day"), "low", "median", "high")
    return columns if has_projection(publication) else columns.clear()


def sentence(publication: Publication) -> str:
    """Where the projection starts and how far it may be trusted; or why there is none."""
    as_of = day_long(publication.source.version.as_of)
    if publication.source.version.as_of > publication.period.end:
        return (
            f"Les données vont jusqu'au {as_of}, au-delà de la période : la projection, qui part de cette date, figure "
            "dans le bilan de la dernière période."
        )
    if not has_projection(publication):
        return not_projected(publication.source.version.as_of, publication.programme)
    tried = publication.source.reliability.filter(indicator="people_reached", scenario=HEADLINE)
    return (
        f"Projection depuis le {as_of}, au rythme des 26 dernières semaines, chaque pass jusqu'à son dernier jour "
        f"utilisable. « Au plus » : {IF_ALL_SERVED}. "
        + (trust(tried.row(0, named=True), publication.programme, of="personnes formées") if tried.height else "")
    )


def points(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[str]:
    """What becomes of each target at the mandate's end, those that will be missed excepted: they are points of
    attention. summary: code → row of figures.summary."""
    found = []
    for code, outlook in _outlooks(publication, summary).items():
        write = _writer(_UNITS[code])
        if summary[code]["value_cum"] >= outlook.end["target"]:
            found.append(f"{_MEASURES[code]} : l'objectif de {write(outlook.end['target'])} est atteint.")
        elif outlook.verdict not in _MISSED:
            found.append(f"{_MEASURES[code]} : {outlook.sentence(write)}")
    return found


def missed(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[Point]:
    """The targets that the whole band, or the ceiling, is under. At stake: the share of the budget that the median
    falls short by."""
    budget = float(publication.programme.budget_eur)
    return [
        Point(
            f"{_MEASURES[code]} : {outlook.sentence(_writer(_UNITS[code]))}",
            budget * (outlook.end["target"] - outlook.end["median"]) / outlook.end["target"],
        )
        for code, outlook in _outlooks(publication, summary).items()
        if summary[code]["value_cum"] < outlook.end["target"] and outlook.verdict in _MISSED
    ]


def _outlooks(publication: Publication, summary: dict[str, dict[str, Any]]) -> dict[str, Outlook]:
    """Measure → what is projected of it, where its total so far is shown."""
    if not has_projection(publication):
        return {}
    found = {code: Outlook.of(publication.source.projection.filter(indicator=code)) for code in _UNITS}
    return {
        code: outlook
        for code, outlook in found.items()
        if outlook is not None and not summary[code]["mask_cum"] and summary[code]["value_cum"] is not None
    }


def table(publication: Publication) -> list[list[str]]:
    """Measure, target, low, median, high, ceiling, verdict; a second row where the budget left would add passes."""
    if not has_projection(publication):
        return []
    lines = []
    for code, label in _MEASURES.items():
        outlook = Outlook.of(publication.source.projection.filter(indicator=code))
        if outlook is None:
            continue
        write = euros_round if code.endswith("_eur") else integer
        for row in (outlook.end, outlook.end_with_budget):
            if row is None:
                continue
            name = label if row["scenario"] == HEADLINE else f"{label}, {labels.SCENARIO[WITH_BUDGET]}"
            found = verdict(row)
            lines.append(
                [
                    name,
                    write(row["target"]) if row["target"] else "—",
                    *(write(round(row[edge], -2)) for edge in ("low", "median", "high", "ceiling")),
                    found.value.capitalize() if found else "—",
                ]
            )
    return lines


def _writer(unit: str) -> Callable[[float], str]:
    return lambda value: f"{integer(round(value, -2))}{unit}"
