"""What is said of one territory alone, to its elected officials: where it stands, beside the programme's average.

The same states and thresholds as of all of them together (places.py). Does not live here: the rates and their ranks
(marts.territory_rate), the three answers that hold it (verdict.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from presentation.attention.places import ASKS, state_sentence
from presentation.attention.point import Call, Point
from presentation.labels import TERRITORY_STATE

#: A territory that is not active asks for the decision of its state.
_CALLS = {"active": Call.RECORD}


@dataclass(frozen=True)
class Own:
    """One territory on a day. state: its row of marts.territory_state; usable_eur: what its usable passes are worth
    (None: withheld)."""

    state: Mapping[str, Any]
    usable_eur: float | None = None


@dataclass(frozen=True)
class Standing:
    """A rate of the territory, the programme's and its rank, as they are written. value None: withheld or not known;
    beside: « au-dessus », « au-dessous » or « égal », empty where the average is not known; place None: not given."""

    label: str
    value: str | None
    average: str = ""
    beside: str = ""
    place: int | None = None
    places: int = 0


def own_points(own: Own, on: date, since: date) -> list[Point]:
    """The state of the territory, and what it asks for where it is not active."""
    name = own.state["state"]
    subject, told = state_sentence(own.state, on, since).split(" : ", 1)
    asks = ASKS.get(name, "")
    waiting = 0.0 if name in ("active", "exhausted") else own.usable_eur or 0.0
    return [Point(subject, told, _CALLS.get(name, Call.DECIDE), waiting, asks)]


def standing_sentence(standing: Standing) -> str:
    """« Personnes formées pour 1 000 habitants : 0,16, au-dessous de la moyenne du programme (0,18), 23e sur 34. »"""
    if standing.value is None:
        return f"{standing.label} : secret statistique, ou habitants non renseignés."
    told = f"{standing.label} : {standing.value}"
    if standing.beside:
        told += f", {_beside(standing.beside)} la moyenne du programme ({standing.average})"
    return ", ".join(filter(None, [told, rank(standing.place, standing.places)])) + "."


def rank(place: int | None, places: int) -> str:
    """« 1er sur 34 », « 23e sur 34 »; empty where it is not given."""
    if place is None:
        return ""
    return f"{place}{'er' if place == 1 else 'e'} sur {places}"


def status(own: Own, standing: Standing) -> str:
    """« Actif, au-dessous de la moyenne »: the few words of the first answer."""
    label = TERRITORY_STATE[own.state["state"]]
    return f"{label}, {_beside(standing.beside)} la moyenne" if standing.beside and standing.value else label


def _beside(word: str) -> str:
    return "égal à" if word == "égal" else f"{word} de"
