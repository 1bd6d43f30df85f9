"""The one engine: every point that the facts given call for, in the order in which they are read.

A fact that is not given makes no point. A new point: its function in this folder, and its line in `points`. Does not
live here: where the facts come from (dashboards/points.py, reporting/bilan/attention.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from presentation.attention.money import Lost, Money, lost_points, money_points
from presentation.attention.one_territory import Own, own_points
from presentation.attention.passes import Stock, expiry_points
from presentation.attention.places import (
    Lieux,
    Territories,
    example_points,
    lieu_points,
    slow_points,
    territory_points,
)
from presentation.attention.point import Point, in_order
from presentation.attention.quality import Checks, Uncounted, check_points, uncounted_points
from presentation.attention.targets import Answers, Target, pic_points, target_points
from programme.config import Programme


@dataclass(frozen=True)
class Facts:
    """Figures already published, as of `on`, with the settings of their version; None: not given to this reader.

    quiet_since: first day of the quiet months. slow: territory_name, carnets_prescribed, carnets_started. examples:
    the status of each participating territory. own: one territory alone, for its sheet.
    """

    programme: Programme
    on: date
    quiet_since: date
    targets: Sequence[Target] = ()
    answers: Answers | None = None
    stock: Stock | None = None
    money: Money | None = None
    lost: Lost | None = None
    own: Own | None = None
    territories: Territories | None = None
    slow: pl.DataFrame | None = None
    lieux: Lieux | None = None
    uncounted: Uncounted | None = None
    checks: Checks | None = None
    examples: Sequence[str] = ()


def points(facts: Facts) -> list[Point]:
    """The points of attention, in the order of `in_order`."""
    programme, on, since = facts.programme, facts.on, facts.quiet_since
    found = [
        *target_points(list(facts.targets), programme, on),
        *(pic_points(facts.answers, programme) if facts.answers else ()),
        *(expiry_points(facts.stock, programme, on) if facts.stock else ()),
        *(money_points(facts.money, programme, on) if facts.money else ()),
        *(lost_points(facts.lost, programme) if facts.lost else ()),
        *(own_points(facts.own, on, since) if facts.own else ()),
        *(territory_points(facts.territories, programme, on, since) if facts.territories else ()),
        *(slow_points(facts.slow, programme) if facts.slow is not None else ()),
        *(lieu_points(facts.lieux, programme, since) if facts.lieux else ()),
        *(uncounted_points(facts.uncounted, programme) if facts.uncounted else ()),
        *(check_points(facts.checks) if facts.checks else ()),
        *example_points(list(facts.examples)),
    ]
    return in_order(found)
