"""The writing a table column, a card or a tooltip asks for by name; what a missing value reads.

Does not live here: the writings themselves (presentation/french.py), the labels of codes (presentation/labels.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from presentation.french import (
    NBSP,
    Number,
    count,
    day,
    day_long,
    decimal,
    euros,
    euros_round,
    hours,
    hours_round,
    instant,
    integer,
    month,
    percent,
)

__all__ = [
    "MISSING", "NBSP", "ROUND_WRITERS", "UNIT_WRITERS", "WITHHELD", "WRITERS", "Number", "count", "day", "day_long",
    "decimal", "euros", "euros_round", "hours", "hours_round", "instant", "integer", "month", "percent", "signed",
    "write", "yes_no",
]  # fmt: skip

WITHHELD = "secret"
MISSING = "—"


def signed(value: Number, write: Callable[[Number], str]) -> str:
    """+12 345 or −12 345, in the writing given."""
    if value == 0:
        return write(0)
    return "+" + write(value) if value > 0 else "−" + write(-value)


def yes_no(value: bool) -> str:
    return "oui" if value else "non"


#: The writings that a difference may take, with its sign: signed_euros, signed_people…
SIGNED = ("integer", "people", "euros", "euros_round", "hours", "percent", "people_percent")
#: The kinds of a count or share of people: a missing one is a withheld one.
PEOPLE_KINDS = ("people", "people_percent", "signed_people", "signed_people_percent")

#: The writings a table column, a card or a tooltip may name.
WRITERS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "integer": integer,
    "people": integer,
    "euros": euros,
    "euros_round": euros_round,
    "hours": hours,
    "hours_round": hours_round,
    "decimal": decimal,
    "percent": percent,
    "people_percent": percent,
    "day": day,
    "month": month,
    "instant": instant,
    "year": str,
    "yes_no": yes_no,
}
WRITERS |= {f"signed_{kind}": partial(signed, write=WRITERS[kind]) for kind in SIGNED}

#: The writing of an indicator, by the unit the dictionary gives it.
UNIT_WRITERS = {
    "euro": "euros_round",
    "heure": "hours",
    "ratio": "percent",
    "pass": "integer",
    "personne": "people",
    "territoire": "integer",
    "lieu": "integer",
}

#: The same without the decimals: for a target or a projection.
ROUND_WRITERS = UNIT_WRITERS | {"heure": "hours_round"}


def write(value: Any, kind: str) -> str:
    """`value` in the writing `kind`; a missing count of people reads « secret », anything else missing « — »."""
    if value is None:
        return WITHHELD if kind in PEOPLE_KINDS else MISSING
    return WRITERS[kind](value)
