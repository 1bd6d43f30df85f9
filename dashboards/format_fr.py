"""How a value is written for a French reader: numbers, euros, hours, shares, dates.

Through babel (fr_FR): U+202F between thousands, decimal comma, no-break space before a unit. Does not live here: the
labels of codes (labels.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

LOCALE = "fr_FR"
PARIS = ZoneInfo("Europe/Paris")
NBSP = "\u00a0"
NARROW = "\u202f"
WITHHELD = "secret"
MISSING = "—"

Number = int | float | Decimal


def integer(value: Number) -> str:
    """12 345."""
    return format_decimal(round(value), format="#,##0", locale=LOCALE)


def decimal(value: Number, places: int = 1) -> str:
    """12 345,6 with exactly `places` decimals."""
    return format_decimal(value, format="#,##0." + "0" * places, locale=LOCALE)


def euros(value: Number) -> str:
    """12 345,60 € (to the cent)."""
    return f"{decimal(value, 2)}{NBSP}€"


def euros_round(value: Number) -> str:
    """12 346 €: for a headline, where cents hide the size."""
    return f"{integer(value)}{NBSP}€"


def hours(value: Number) -> str:
    """12 345,6 h."""
    return f"{decimal(value, 1)}{NBSP}h"


def hours_round(value: Number) -> str:
    """12 346 h: a target, an axis."""
    return f"{integer(value)}{NBSP}h"


def percent(value: Number, places: int = 1) -> str:
    """45,6 % from a ratio (0.456)."""
    return f"{decimal(value * 100, places)}{NBSP}%"


def day(value: date) -> str:
    """31/12/2023."""
    return format_date(value, "dd/MM/yyyy", locale=LOCALE)


def day_long(value: date) -> str:
    """31 décembre 2023; the first of a month is « 1er »."""
    text = format_date(value, "d MMMM yyyy", locale=LOCALE)
    return "1er" + text[1:] if value.day == 1 else text


def month(value: date) -> str:
    """décembre 2023."""
    return format_date(value, "MMMM yyyy", locale=LOCALE)


def instant(value: datetime) -> str:
    """24/11/2026 à 11:57, Paris time; `value` is UTC, with or without a time zone."""
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
    return format_datetime(aware.astimezone(PARIS), "dd/MM/yyyy 'à' HH:mm", locale=LOCALE)


def signed(value: Number, write: Callable[[Number], str]) -> str:
    """+12 345 or −12 345, in the writing given."""
    if value == 0:
        return write(0)
    return ("+" if value > 0 else "−") + write(abs(value))


def count(value: Number, singular: str, plural: str | None = None) -> str:
    """« 1 carnet », « 2 carnets »; French keeps the singular under 2."""
    word = singular if abs(value) < 2 else plural or singular + "s"
    return f"{integer(value)}{NBSP}{word}"


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
