"""What is said of territories and lieux: nothing left to use, no recent use, no use at all, carnets that do not serve.

Does not live here: the states (marts.territory_state_month), the thresholds (programme.yaml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from presentation.attention.point import Call, Point, listed
from presentation.french import count, day_long, euros_round, integer, percent
from presentation.labels import TERRITORY_STATE
from programme.config import Programme

#: Territories named with their share.
_NAMED = 5
_WAKE = "Relancer les prescripteurs et les lieux"
_REMIND = "Relancer les prescripteurs et les bénéficiaires"
_PAGE = "territoires"
_RENEW = "Décider de nouveaux carnets, ou d'un transfert"
_LEAVE = "Décider si ses carnets lui restent"
#: What the state of one territory asks for, said of it alone.
ASKS = {"quiet": _WAKE, "exhausted": _RENEW, "never": _LEAVE}


@dataclass(frozen=True)
class Territories:
    """The participating territories on a day. `frame`: territory_name, state, passes_usable, face_value_usable_eur,
    is_named (whether its uses are published: a state says them). `names`: how many a sentence names."""

    frame: pl.DataFrame
    names: int


@dataclass(frozen=True)
class Lieux:
    """Lieux ever used, and those of them without a use since the quiet months began. `see`: where they are listed."""

    used: int
    stopped: int
    see: str = ""


def territory_points(territories: Territories, programme: Programme, on: date, since: date) -> list[Point]:
    """Nothing left to use, no use since `since`, no use at all: three things that ask for three decisions.

    Where uses are withheld a territory is neither named nor counted, but for one that never began: its zero is shown.
    """
    frame, day, most = territories.frame, day_long(on), territories.names
    named = frame.filter("is_named")
    quiet, exhausted = (named.filter(pl.col("state") == state) for state in ("quiet", "exhausted"))
    never = frame.filter(pl.col("state") == "never")
    among = _among(named.height) if named.height < frame.height else ""
    points = []
    if quiet.height:
        text = (
            f"{_who(quiet)}{among} {_have(quiet)} eu aucune utilisation depuis le {_quiet(since, programme)}, alors "
            f"qu'il y reste {_usable(quiet)} au {day} : {_names(quiet, most)}. {_WAKE}."
        )
        waiting = float(quiet["face_value_usable_eur"].sum())
        points.append(Point("Territoires inactifs", text, Call.DECIDE, waiting, _WAKE, page=_PAGE))
    if exhausted.height:
        text = (
            f"{_who(exhausted)}{among} {_have(exhausted)} plus aucun pass utilisable au {day} : "
            f"{_names(exhausted, most)}. Sans nouveaux carnets, plus aucun pass n'y sera utilisé."
        )
        asks = f"{_RENEW}, pour les territoires épuisés"
        points.append(Point("Territoires épuisés", text, Call.DECIDE, asks=asks, page=_PAGE))
    if never.height:
        text = (
            f"{_who(never)} {_have(never)} eu aucune utilisation depuis le début du programme : {_names(never, most)}"
        )
        empty = never.filter(pl.col("passes_usable") == 0).height
        left = "aucun pass n'y est utilisable" if empty == never.height else f"{_usable(never)} y restent"
        without = f", {integer(empty)} sans pass utilisable" if 0 < empty < never.height else ""
        waiting = float(never["face_value_usable_eur"].sum())
        told = f"{text} ; {left} au {day}{without}."
        asks = "Décider si leurs carnets restent aux territoires qui n'ont jamais commencé"
        points.append(Point("Territoires jamais commencés", told, Call.DECIDE, waiting, asks, page=_PAGE))
    return points


def state_sentence(row: Mapping[str, Any], on: date, since: date) -> str:
    """Where one territory stands (row of marts.territory_state): the same states, said of it alone."""
    usable = (
        "nombre de pass utilisables secret"
        if row["passes_usable"] is None
        else count(row["passes_usable"], "pass utilisable", "pass utilisables")
    )
    at = f"au {day_long(on)}"
    last = f", dernière utilisation le {day_long(row['last_used_on'])}" if row["last_used_on"] else ""
    told = {
        "never": f"aucune utilisation depuis le début du programme, {usable} {at}",
        "exhausted": f"plus aucun pass utilisable {at}{last}",
        "quiet": f"aucune utilisation depuis le {day_long(since)}, {usable} {at}{last}",
        "active": f"{usable} {at}{last}",
    }
    return f"{TERRITORY_STATE[row['state']]} : {told[row['state']]}."


def _quiet(since: date, programme: Programme) -> str:
    """« 1er octobre 2023 (3 mois) »."""
    return f"{day_long(since)} ({programme.quiet_months} mois)"


def _who(frame: pl.DataFrame) -> str:
    return count(frame.height, "territoire participant", "territoires participants")


def _have(frame: pl.DataFrame) -> str:
    return "n'a" if frame.height == 1 else "n'ont"


def _among(shown: int) -> str:
    """Where some are withheld, the count is not of them all, and says so."""
    among = "le seul" if shown == 1 else f"parmi les {integer(shown)}"
    return f", {among} dont les utilisations sont publiées,"


def _names(frame: pl.DataFrame, most: int) -> str:
    return listed(frame["territory_name"].to_list(), most)


def _usable(frame: pl.DataFrame) -> str:
    passes, euros = int(frame["passes_usable"].sum()), float(frame["face_value_usable_eur"].sum())
    return f"{count(passes, 'pass utilisable', 'pass utilisables')} ({euros_round(euros)})"


def lieu_points(lieux: Lieux, programme: Programme, since: date) -> list[Point]:
    """Lieux that stopped, from the share of those ever used that the settings give (silent_lieux_share)."""
    used, stopped = lieux.used, lieux.stopped
    if not stopped or stopped < used * float(programme.silent_lieux_share):
        return []
    who = f"{integer(stopped)} des {count(used, 'lieu', 'lieux')} qui ont reçu un pass" if used > 1 else (
        "le seul lieu qui a reçu un pass"
    )  # fmt: skip
    verb = "n'en a" if stopped == 1 else "n'en ont"
    text = f"{who} depuis le début du programme {verb} reçu aucun depuis le {_quiet(since, programme)}{lieux.see}."
    return [Point("Lieux arrêtés", text, Call.DECIDE, asks="Appeler les lieux arrêtés", page="lieux")]


def slow_points(frame: pl.DataFrame, programme: Programme) -> list[Point]:
    """Territories whose carnets are handed over and do not serve (low_start_share, from low_start_min_carnets on).

    frame: territory_name, carnets_prescribed, carnets_started since the start, of the territories that may be named.
    """
    share = float(programme.low_start_share)
    slow = (
        frame.filter(pl.col("carnets_prescribed") >= programme.low_start_min_carnets)
        .with_columns(rate=pl.col("carnets_started") / pl.col("carnets_prescribed"))
        .filter(pl.col("rate") < share)
        .sort("rate", "territory_name")
    )
    if slow.is_empty():
        return []
    names = [f"{name} ({percent(rate, 0)})" for name, rate in slow.select("territory_name", "rate").rows()]
    text = (
        f"depuis le début du programme, moins de {percent(share, 0)} des carnets dans "
        f"{count(slow.height, 'territoire')} : {listed(names, _NAMED)}. "
        f"{_REMIND}."
    )
    return [Point("Carnets remis mais peu entamés", text, Call.DECIDE, asks=_REMIND, page=_PAGE)]


def example_points(statuses: list[str]) -> list[Point]:
    """The territories that the settings give as examples. statuses: one a participating territory."""
    told = examples(statuses)
    asks = "Saisir la liste réelle des participants"
    return [Point("Territoires", told, Call.DECIDE, asks=asks, page=_PAGE)] if told else []


def examples(
    statuses: list[str], one: str = "territoire participant", several: str = "territoires participants"
) -> str:
    """« 3 des 34 territoires participants sont des exemples : … », empty without one."""
    number = statuses.count("exemple")
    if not number:
        return ""
    verb = "est un exemple" if number == 1 else "sont des exemples"
    who = f"{integer(number)} des {count(len(statuses), one, several)}"
    return f"{who} {verb} : la liste réelle des participants est à saisir dans les réglages du programme."
