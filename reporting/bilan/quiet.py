"""The territories where nothing happens, in three kinds that ask for three decisions.

jamais commencé: no use since the beginning. épuisé: it used passes and has none left that is usable. inactif: usable
passes are left, and none was used for `quiet_months` months. It is the rule of marts.territory_state (a test holds it),
on the last day of any period: the mart knows the data's own date only. Does not live here: the other points.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from presentation.french import count, day_long, euros_round, integer
from programme.models import add_months
from reporting.bilan.wording import Point, listed
from reporting.figures import frames
from reporting.figures.publication import Publication

_HIDDEN = pl.col("mask_uses_cum") | pl.col("mask_uses_period")


def never_started(publication: Publication) -> list[Point]:
    """No use by the period's last day (a zero is shown: it may be named); the passes that wait there are at stake."""
    frame = _participating(publication).filter(pl.col("passes_used_cum") == 0)
    if frame.is_empty():
        return []
    waiting = float(frame["stock_eur"].sum())
    told = (
        f", où {euros_round(waiting)} de pass sont utilisables au {day_long(publication.last_day)}" if waiting else ""
    )
    return [
        Point(
            f"Jamais commencé : {_who(frame)} sans aucun pass utilisé depuis le début du programme{told} "
            f"({_names(frame)}).",
            waiting,
        )
    ]


def exhausted(publication: Publication) -> list[Point]:
    """Passes were used, none is left to use: it is not silence, it is success or expiry, and new carnets decide."""
    frame = _started(publication).filter(pl.col("stock_passes") == 0)
    if frame.is_empty():
        return []
    return [
        Point(
            f"Épuisé : {_who(frame)}{_among(publication)} sans plus aucun pass utilisable au "
            f"{day_long(publication.last_day)} ({_names(frame)}). "
            "Sans nouveaux carnets, plus aucun pass n'y sera utilisé."
        )
    ]


def inactive(publication: Publication) -> list[Point]:
    """Passes are left and nobody uses them: the amount left is at stake."""
    since = _quiet_since(publication)
    frame = _started(publication).filter(pl.col("stock_passes") > 0, pl.col("recent") == 0)
    if frame.is_empty():
        return []
    left = float(frame["stock_eur"].sum())
    months = publication.programme.quiet_months
    return [
        Point(
            f"Inactif : {_who(frame)}{_among(publication)} sans aucun pass utilisé depuis le {day_long(since)} "
            f"({months} mois), alors qu'il y reste {euros_round(left)} de pass utilisables au "
            f"{day_long(publication.last_day)} ({_names(frame)}). Relancer les prescripteurs et les lieux.",
            left,
        )
    ]


def _quiet_since(publication: Publication) -> date:
    """First day of the last `quiet_months` months, that of the last day included."""
    return add_months(publication.last_day.replace(day=1), 1 - publication.programme.quiet_months)


def _participating(publication: Publication) -> pl.DataFrame:
    """Participating territories with their stock and their uses of the quiet months."""
    stock = publication.stock.group_by("territory_code").agg(
        stock_passes=pl.col("passes").sum(), stock_eur=pl.col("face_value_eur").sum().cast(pl.Float64)
    )
    recent = publication.source.monthly.filter(
        pl.col("month").is_between(_quiet_since(publication), publication.last_day)
    )
    recent = recent.group_by("territory_code").agg(recent=pl.col("passes_used").sum())
    return (
        frames.territories(publication)
        .filter("is_participating")
        .join(stock, on="territory_code", how="left")
        .join(recent, on="territory_code", how="left")
        .with_columns(pl.col("stock_passes", "stock_eur", "recent").fill_null(0))
        .sort("territory_name")
    )


def _started(publication: Publication) -> pl.DataFrame:
    """Those that used passes. Where uses are withheld, what is left says them: such a territory is not named."""
    return _participating(publication).filter(~_HIDDEN, pl.col("passes_used_cum") > 0)


def _among(publication: Publication) -> str:
    """« parmi les 31 dont les utilisations sont publiées »: where some are withheld, the count is not of them all."""
    frame = _participating(publication)
    shown = frame.filter(~_HIDDEN).height
    if shown == frame.height:
        return ""
    among = "le seul" if shown == 1 else f"parmi les {integer(shown)}"
    return f", {among} dont les utilisations sont publiées,"


def _who(frame: pl.DataFrame) -> str:
    return count(frame.height, "territoire participant", "territoires participants")


def _names(frame: pl.DataFrame) -> str:
    return listed(frame["territory_name"].to_list())
