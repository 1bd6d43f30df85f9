"""What is said of the passes that can still be used: how many lapse soon, when, and whose they are.

Does not live here: the stock (marts.stock_month), the notice (expiry_alert_days of programme.yaml).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from presentation.attention.point import Call, Point
from presentation.french import NBSP, count, day_long, euros_round, percent
from programme.config import Programme

#: Territories that the sentence names, with their amounts.
_NAMED = 5
#: The subject of its points.
SUBJECT = "Expiration"
_WARN = "Prévenir les prescripteurs et les bénéficiaires"
_PAGE = "pass_a_sauver"


@dataclass(frozen=True)
class Stock:
    """The passes usable on a day. Grain of `frame`: territory × day of expiry, with territory_name, expires_on (first
    day they no longer are usable), passes, face_value_eur, is_named (whether the territory's uses are published).

    is_withheld: the whole is under the protection of small counts, for it would give withheld uses.
    """

    frame: pl.DataFrame
    is_withheld: bool = False


def expiry_points(stock: Stock, programme: Programme, on: date) -> list[Point]:
    """Usable passes that lapse within the notice of the settings, their share of the stock, and where they are."""
    day, days = day_long(on), programme.expiry_alert_days
    when = f"{_within(days)} le {day}"
    soon = lapsing(stock.frame, on, days)
    passes, usable = int(soon["passes"].sum()), int(stock.frame["passes"].sum())
    if not usable:
        return [Point(SUBJECT, f"aucun pass n'est plus utilisable au {day}.", Call.RECORD)]
    if not passes:
        return [Point(SUBJECT, f"aucun pass utilisable n'expire {when}.", Call.RECORD)]
    if stock.is_withheld:
        text = f"des pass encore utilisables expirent {when} (montant couvert par le secret statistique)."
        return [Point(SUBJECT, text, Call.DECIDE, asks=_WARN, by=_last_day(soon), page=_PAGE)]
    euros = float(soon["face_value_eur"].sum())
    text = (
        f"{count(passes, 'pass', 'pass')} ({euros_round(euros)}), {percent(passes / usable)} des pass encore "
        f"utilisables au {day}, {'expire' if passes == 1 else 'expirent'} {_when(soon, days)}.{_where(soon)} "
        f"{_WARN}."
    )
    return [Point(SUBJECT, text, Call.DECIDE, euros, _WARN, _last_day(soon), _PAGE)]


def lapsing(stock: pl.DataFrame, day: date, horizon_days: int) -> pl.DataFrame:
    """The rows of `stock` (usable at the end of `day`) that expire within `horizon_days` days."""
    return stock.filter(pl.col("expires_on") <= day + timedelta(days=horizon_days))


def last_usable_on() -> pl.Expr:
    """The last day on which the passes of a row can be used: the eve of `expires_on`."""
    return pl.col("expires_on").dt.offset_by("-1d").alias("last_usable_on")


def notice_ends_on(programme: Programme, as_of: date) -> date:
    """The first day past the notice of the settings, counted from the date of the data."""
    return as_of + timedelta(days=programme.expiry_alert_days)


def _last_day(soon: pl.DataFrame) -> date:
    """The last day on which the largest amount can be used."""
    by_day = soon.group_by(last_usable_on()).agg(pl.col("face_value_eur").sum())
    largest: date = by_day.sort("face_value_eur", "last_usable_on")["last_usable_on"][-1]
    return largest


def _within(days: int) -> str:
    return "le jour qui suit" if days == 1 else f"dans les {days}{NBSP}jours qui suivent"


def _when(soon: pl.DataFrame, days: int) -> str:
    """The only day, or the notice with the first day and the one of the largest amount."""
    by_day = soon.group_by("expires_on").agg(pl.col("face_value_eur").sum()).sort("expires_on")
    first, largest = by_day["expires_on"][0], by_day.sort("face_value_eur", maintain_order=True).row(-1, named=True)
    if by_day.height == 1:
        return f"le {day_long(first)}"
    amount = euros_round(largest["face_value_eur"])
    if largest["expires_on"] == first:
        return f"{_within(days)}, dont {amount} dès le {day_long(first)}"
    on = day_long(largest["expires_on"])
    return f"{_within(days)}, les premiers le {day_long(first)} et le plus gros montant ({amount}) le {on}"


def _where(soon: pl.DataFrame) -> str:
    """The territories with the most to lose, by name, of those that may be named."""
    amounts = (
        soon.filter("is_named")
        .group_by("territory_name")
        .agg(pl.col("face_value_eur").sum())
        .sort("face_value_eur", "territory_name", descending=[True, False])
    )
    if amounts.is_empty():
        return ""
    named = [f"{name} ({euros_round(euros)})" for name, euros in amounts.rows()]
    label = "Territoire concerné" if len(named) == 1 else "Plus gros montants"
    return f" {label} : {', '.join(named[:_NAMED])}."
