"""The territories where nothing happens, in three kinds that ask for three decisions.

jamais commencé, épuisé, inactif: the states of marts.territory_state_month on the period's last day. Does not live
here: their rule (dbt_project), the other points.
"""

from __future__ import annotations

import polars as pl

from presentation.french import count, day_long, euros_round, integer
from programme.models import add_months
from reporting.bilan.wording import Point, listed
from reporting.figures import frames
from reporting.figures.publication import Publication

_HIDDEN = pl.col("mask_uses_cum") | pl.col("mask_uses_period")


def never_started(publication: Publication) -> list[Point]:
    """No use by the period's last day (a zero is shown: it may be named); the passes that wait there are at stake."""
    frame = _in_state(publication, "never")
    if frame.is_empty():
        return []
    waiting = float(frame["face_value_usable_eur"].sum())
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
    frame = _in_state(publication, "exhausted")
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
    frame = _in_state(publication, "quiet")
    if frame.is_empty():
        return []
    left = float(frame["face_value_usable_eur"].sum())
    months = publication.programme.quiet_months
    since = add_months(publication.last_day.replace(day=1), 1 - months)
    return [
        Point(
            f"Inactif : {_who(frame)}{_among(publication)} sans aucun pass utilisé depuis le {day_long(since)} "
            f"({months} mois), alors qu'il y reste {euros_round(left)} de pass utilisables au "
            f"{day_long(publication.last_day)} ({_names(frame)}). Relancer les prescripteurs et les lieux.",
            left,
        )
    ]


def _participating(publication: Publication) -> pl.DataFrame:
    """Participating territories with their state; before the first operation of the programme, none has begun."""
    return (
        frames.territories(publication)
        .filter("is_participating")
        .join(publication.states, on="territory_code", how="left")
        .with_columns(pl.col("state").fill_null("never"), pl.col("face_value_usable_eur").fill_null(0))
        .sort("territory_name")
    )


def _in_state(publication: Publication, state: str) -> pl.DataFrame:
    """The territories in a state. Where uses are withheld, a state says them: such a territory is not named, but for
    one that never began, whose zero is shown."""
    frame = _participating(publication).filter(pl.col("state") == state)
    return frame if state == "never" else frame.filter(~_HIDDEN)


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
