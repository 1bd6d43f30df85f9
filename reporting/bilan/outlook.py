"""What the bilan says of the mandate's end: the band of each measure, its ceiling, what becomes of its target.

Amounts are to the hundred: an estimate, and no small count can be read from it. Does not live here: the words of the
verdict (presentation/outlook.py), of a target (presentation/attention/targets.py), the layout (bilan.typ).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl

from presentation import labels
from presentation.attention.targets import AMOUNTS, Pace, Target, months_between, target_points
from presentation.french import day_long, euros_round, integer
from presentation.outlook import HEADLINE, IF_ALL_SERVED, WITH_BUDGET, Outlook, not_projected, trust, verdict
from reporting.figures.publication import Publication

_MEASURES = {
    "hours": "Heures de formation",
    "people_reached": "Personnes formées",
    "face_value_used_eur": "Valeur utilisée",
}


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


def targets(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[Target]:
    """The targets with their projection, or the pace of a period that has none; of a withheld total, neither.

    summary: code → row of figures.summary.
    """
    found = []
    for code in AMOUNTS:
        row = summary[code]
        if not row["target"]:
            continue
        if row["mask_cum"] or row["value_cum"] is None:
            found.append(Target(code, _MEASURES[code], None, row["target"], None))
            continue
        ahead = _outlook(publication, code)
        pace = None
        if not has_projection(publication) and not row["mask_period"]:
            pace = Pace(row["value_period"], _months_gone(publication))
        found.append(
            Target(
                code, _MEASURES[code], row["value_cum"], row["target"], row["ratio"], ahead, pace, _to_the_hundred(code)
            )
        )
    return found


def points(publication: Publication, summary: dict[str, dict[str, Any]]) -> list[str]:
    """What becomes of each target projected, those that will be missed excepted: they are points of attention."""
    if not has_projection(publication):
        return []
    projected = [one for one in targets(publication, summary) if one.outlook is not None]
    found = target_points(projected, publication.programme, publication.last_day)
    return [point.sentence for point in found if not point.is_alert]


def _outlook(publication: Publication, code: str) -> Outlook | None:
    if not has_projection(publication):
        return None
    return Outlook.of(publication.source.projection.filter(indicator=code))


def _months_gone(publication: Publication) -> float:
    """Months of the period that the data tell of."""
    period = publication.period
    if not publication.is_provisional:
        return len(period.months)
    return months_between(period.start - timedelta(days=1), publication.last_day)


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


def _to_the_hundred(code: str) -> Callable[[float], str]:
    """An estimate, from which no small count can be read."""
    return lambda value: AMOUNTS[code](round(value, -2))
