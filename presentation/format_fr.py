"""The kinds of values, by name: how each is written, laid in a cell and declared; what a missing value reads.

A column of a table, a card or a tooltip names its kind, and nothing else is said of its format anywhere. Does not live
here: the writings themselves (presentation/french.py), the labels of codes (presentation/labels.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from presentation.french import (
    MINUS,
    NBSP,
    WHOLE_HOURS_FROM,
    Number,
    count,
    day,
    day_long,
    decimal,
    euros,
    euros_round,
    hours,
    hours_exact,
    hours_round,
    instant,
    integer,
    month,
    percent,
    percent_round,
)

__all__ = [
    "GUARDED", "KINDS", "LEFT_KINDS", "MISSING", "NBSP", "PEOPLE_KINDS", "RATE_WRITERS", "ROUND_WRITERS", "TEXT_KINDS",
    "UNIT_WRITERS", "WITHHELD", "Kind", "Number", "count", "day", "day_long", "decimal", "euros", "euros_round",
    "hours", "hours_round", "instant", "integer", "month", "percent", "rate", "signed", "write", "yes_no",
]  # fmt: skip

#: From where on a rate is written whole, or with one decimal.
RATE_WHOLE_FROM, RATE_TENTHS_FROM = 99.95, 0.995
WITHHELD = "secret"
MISSING = "—"


def signed(value: Number, write: Callable[[Number], str]) -> str:
    """+12 345 or −12 345, in the writing given."""
    if value == 0:
        return write(0)
    return "+" + write(value) if value > 0 else MINUS + write(-value)


def yes_no(value: bool) -> str:
    return "oui" if value else "non"


@dataclass(frozen=True)
class Kind:
    """A kind of value. write: for a reader; cell: the number format of a workbook; field: its type in a Table Schema;
    chart: its pattern in a chart (d3); unit: what a chart writes after it; digits: its decimals in a file of numbers (a
    share of 12,3 % is 0,123); digits_from: (size, decimals) that it has from a size on, the largest first; is_text:
    whether it stands at the left, under a heading at the left."""

    write: Callable[[Any], str]
    cell: str = "General"
    field: str = "string"
    chart: str = ""
    digits: int = 0
    is_text: bool = False
    digits_from: tuple[tuple[float, int], ...] = ()
    unit: str = ""


def rate(value: Number) -> str:
    """0,18 ; 6,6 ; 12,5 ; 126: a rate of a few people deserves no more, and those of one column are read together."""
    size = abs(float(value))
    return decimal(value, 0 if size >= RATE_WHOLE_FROM else 1 if size >= RATE_TENTHS_FROM else 2)


_COUNT = Kind(integer, "#,##0", "integer", ",.0f")
_SHARE = Kind(percent, "0.0\\ %", "number", ".1%", 3)
#: As `hours` writes them: a workbook too chooses by the size.
_HOURS_CELL = f'[>={WHOLE_HOURS_FROM}]#,##0\\ "h";[<=-{WHOLE_HOURS_FROM}]\\-#,##0\\ "h";#,##0.0\\ "h"'
_RATE_CELL = f"[>={RATE_WHOLE_FROM}]#,##0;[>={RATE_TENTHS_FROM}]#,##0.0;#,##0.00"
#: Every kind, by the name that a column gives. A missing count or share of people is a withheld one.
KINDS: dict[str, Kind] = {
    "text": Kind(str, "@", is_text=True),
    "yes_no": Kind(yes_no, is_text=True),
    "integer": _COUNT,
    "people": _COUNT,
    "euros": Kind(euros, '#,##0.00\\ "€"', "number", "$,.2f", 2),
    "euros_round": Kind(euros_round, '#,##0\\ "€"', "number", "$,.0f"),
    "hours": Kind(
        hours,
        _HOURS_CELL,
        "number",
        ",.1~f",
        1,
        digits_from=((WHOLE_HOURS_FROM, 0),),
        unit=f"{NBSP}h",
    ),
    "hours_exact": Kind(hours_exact, '#,##0.0\\ "h"', "number", ",.1f", 1, unit=f"{NBSP}h"),
    "hours_round": Kind(hours_round, '#,##0\\ "h"', "number", ",.0f", unit=f"{NBSP}h"),
    "rate": Kind(rate, _RATE_CELL, "number", ",.2f", 2, digits_from=((RATE_WHOLE_FROM, 0), (RATE_TENTHS_FROM, 1))),
    "number": Kind(decimal, "#,##0.##", "number", ",.1f", 1),
    "share": _SHARE,
    "people_share": _SHARE,
    "share_round": replace(_SHARE, write=percent_round),
    "date": Kind(day, "dd/mm/yyyy", "date"),
    "month": Kind(month, "mm/yyyy", "date"),
    "instant": Kind(instant, "dd/mm/yyyy hh:mm", "datetime"),
    # A number that is a name: a year, a line of a file.
    "year": Kind(str, "0", "integer"),
}
#: The kinds that a difference may take, with its sign: signed_euros, signed_people…
SIGNED = ("integer", "people", "euros", "euros_round", "hours", "share", "people_share")
KINDS |= {f"signed_{name}": replace(KINDS[name], write=partial(signed, write=KINDS[name].write)) for name in SIGNED}
#: The kinds of figures that a page withholds from some of its readers: a missing one is « secret » there.
GUARDED = {name: f"guarded_{name}" for name in ("integer", "euros", "euros_round", "hours", "share", "rate",
                                                "signed_integer", "signed_euros", "signed_euros_round", "signed_hours",
                                                "signed_share")}  # fmt: skip
KINDS |= {guarded: KINDS[name] for name, guarded in GUARDED.items()}
PEOPLE_KINDS = ("people", "people_share", "signed_people", "signed_people_share", *GUARDED.values())
TEXT_KINDS = {name for name, kind in KINDS.items() if kind.is_text}
#: The kinds that stand at the left in a document, under their heading: words and days.
LEFT_KINDS = {*TEXT_KINDS, "date", "month", "instant"}

#: The writing of an indicator, by the unit the dictionary gives it.
UNIT_WRITERS = {
    "euro": "euros_round",
    "heure": "hours",
    "ratio": "share",
    "pass": "integer",
    "personne": "people",
    "territoire": "integer",
    "lieu": "integer",
}

#: The writing of a rate, by the unit that its row of the dictionary gives it.
RATE_WRITERS = {"personne": "rate", "heure": "rate", "ratio": "share", "euro": "euros"}

#: The same without the decimals: for a target or a projection.
ROUND_WRITERS = UNIT_WRITERS | {"heure": "hours_round", "ratio": "share_round"}


def write(value: Any, kind: str) -> str:
    """`value` in the writing `kind`; a missing count of people reads « secret », anything else missing « — »."""
    if value is None:
        return WITHHELD if kind in PEOPLE_KINDS else MISSING
    return KINDS[kind].write(value)
