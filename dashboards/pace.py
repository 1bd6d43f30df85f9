"""How a headline moves: its change, its pace beside the one its target needs, its ceiling, and a small curve of it.

Does not live here: the curve and the projection themselves (queries), the pace a target needs (presentation/attention).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from urllib.parse import quote

import polars as pl

from dashboards.frame import Page
from presentation import format_fr
from presentation.attention.targets import AMOUNTS, Paces, required_pace
from presentation.colours import BLUE, GREY
from presentation.french import bind
from presentation.outlook import Outlook, Verdict
from programme.models import add_months

_WIDTH, _HEIGHT, _LINE = 200.0, 36.0, 2.0
_MONTHS = 12
NOT_HELD = "ce rythme suffirait, mais ne tiendrait pas : la projection donne l'objectif manqué"


def trend(page: Page, row: dict, moved: pl.DataFrame | None) -> str:
    """The HTML of what a card says below its value. `row`: of `people.progress`; `moved`: every figure that changed
    since the version published before (`people.moves`), None without such a version.

    Nothing is said of a value that is withheld, nor of a date at which it was.
    """
    if row["value"] is None:
        return ""
    code, on = row["indicator"], page.version.as_of
    curve = page.ask("burn_up", measure=code)
    write: Callable[[format_fr.Number], str] = format_fr.KINDS[format_fr.ROUND_WRITERS[row["unit"]]].write
    told = [_moved(row, moved, write)]
    year_ago = _at(curve, add_months(on, -_MONTHS))
    if year_ago is not None:
        done = row["value"] - year_ago
        told.append(f"{_signed(page, done, write)} en un an")
    ahead = Outlook.of(page.ask("projection", measure=code))
    if year_ago is not None:
        told += _pace(page, row, done, write, ahead)
    if ahead is not None:
        told.append(ahead.at_most(write))
    lines = "".join(f"<p>{escape(bind(line))}</p>" for line in told if line)
    return f'{_curve(curve, row["target"])}<div class="pn-trend">{lines}</div>'


def _moved(row: dict, moved: pl.DataFrame | None, write: Callable[[format_fr.Number], str]) -> str:
    """Since the version published before, as the page's own table says it."""
    if moved is None:
        return ""
    own = moved.filter(pl.col("indicator") == row["indicator"])
    if own.is_empty():
        return "inchangé depuis la version précédente"
    change = own["change"][0]
    told = format_fr.WITHHELD if change is None else format_fr.signed(change, write)
    return f"{told} depuis la version précédente"


def _signed(page: Page, change: float, write: Callable[[format_fr.Number], str]) -> str:
    if page.rights.is_protected and 0 < abs(change) < page.rights.threshold:
        return format_fr.WITHHELD
    return format_fr.signed(change, write)


def _pace(
    page: Page, row: dict, done: float, write: Callable[[format_fr.Number], str], ahead: Outlook | None
) -> list[str]:
    """The months of the last year beside those that are left: only where a target is still to reach. A pace that would
    be enough, where the projection says the target missed, is not left to contradict it."""
    on, target = page.version.as_of, row["target"]
    is_reached = target is None or row["value"] >= target
    if row["indicator"] not in AMOUNTS or is_reached or on >= page.programme.mandate_ends_on:
        return []
    found = Paces(done / _MONTHS, required_pace(row["value"], target, page.programme, on))
    is_missed = ahead is not None and ahead.verdict in (Verdict.MISSED, Verdict.OUT_OF_REACH)
    return [found.told(write, "sur un an"), *([NOT_HELD] if found.is_enough and is_missed else [])]


def _at(curve: pl.DataFrame, day: date) -> float | None:
    """The total reached on that day: the last one known by then; None before the first, or where it is withheld."""
    known = curve.filter(pl.col("date_day") <= day)
    found = known["value"][-1] if known.height else None
    return None if found is None else float(found)


def _curve(curve: pl.DataFrame, target: float | None) -> str:
    """A drawing without words or figures: what it shows is said beside it, and drawn whole further down the page."""
    shown = curve.drop_nulls("value")
    if shown.height < 2:
        return ""
    days = shown["date_day"].cast(pl.Int32).cast(pl.Float64)
    most = max([*shown["value"].to_list(), float(target or 0)]) or 1.0
    x = (days - days[0]) / (days[-1] - days[0]) * _WIDTH
    y = _HEIGHT - _LINE - shown["value"] / most * (_HEIGHT - 2 * _LINE)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    goal = _HEIGHT - _LINE - (target or 0) / most * (_HEIGHT - 2 * _LINE)
    line = f'<path stroke="{GREY}" stroke-dasharray="4 4" d="M0 {goal:.1f}H{_WIDTH:.0f}"/>' if target else ""
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" preserveAspectRatio="none">'
        f'<g fill="none" stroke-width="2">{line}<polyline stroke="{BLUE}" points="{points}"/></g></svg>'
    )
    return f'<img class="pn-spark" alt="" src="data:image/svg+xml,{quote(drawn)}">'
