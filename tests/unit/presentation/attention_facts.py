"""What the tests of the points of attention share: settings to move, targets to project, how a sentence is read.

Does not live here: any test.
"""

from __future__ import annotations

import re
from datetime import date

import polars as pl

from presentation.attention.point import Point
from presentation.attention.targets import Pace, Target, target_points
from presentation.outlook import Outlook
from programme.config import Programme, load_programme

MANDATE_END = date(2025, 2, 17)
AS_OF = date(2023, 6, 30)
SINCE = date(2023, 4, 1)
PROGRAMME = load_programme()
NBSP, THIN = "\u00a0", "\u202f"


def setting(**values: object) -> Programme:
    """The programme with other settings."""
    return PROGRAMME.model_copy(update=values)


def plain(text: str) -> str:
    """With blanks that one can type."""
    return re.sub(f"[{NBSP}{THIN}]", " ", text)


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


def target(code: str, value: float | None, outlook: pl.DataFrame | None = None, pace: Pace | None = None) -> Target:
    """Hours for 100,000, or people for 34,000."""
    goal = {"hours": 100_000, "people_reached": 34_000}[code]
    ratio = None if value is None else value / goal
    return Target(code, code, value, goal, ratio, None if outlook is None else Outlook.of(outlook), pace)


def said(value: float, hours: pl.DataFrame, as_of: date = date(2023, 12, 31)) -> tuple[Point, str]:
    """The point on the hours, and its text."""
    (found,) = target_points([target("hours", value, hours)], PROGRAMME, as_of)
    return found, found.text
