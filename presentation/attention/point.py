"""What a point of attention is, and the one rule of the order in which points are read.

Does not live here: the points themselves (the other modules of this folder), who shows which (dashboards/, reporting/).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from presentation.french import count

#: Less than half a euro is written « 0 € »: it is no amount.
HALF_A_EURO = 0.5


class Call(IntEnum):
    """What a point asks for; the smaller is read first."""

    #: A limit of the programme is not held: its budget, the State's floor.
    LIMIT = 1
    #: Something to decide or to do.
    DECIDE = 2
    #: Nothing to do yet, something to follow.
    FOLLOW = 3
    #: All is well, or nothing can be said: told for the record.
    RECORD = 4


@dataclass(frozen=True)
class Point:
    """A subject, what is said of it (the sentence goes on after « subject : »), and the euros at stake (0: none).

    asks: what there is to decide or to do, as an order of the day says it; by: the day it is too late; page: the end of
    the address of the page where it is worked on. Empty or None where there is none.
    """

    subject: str
    text: str
    call: Call
    euros: float = 0.0
    asks: str = ""
    by: date | None = None
    page: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.subject} : {self.text}"

    @property
    def brief(self) -> str:
        """Its first sentence: what a first screen holds."""
        return f"{self.sentence.split('. ')[0].rstrip('.')}."

    @property
    def is_alert(self) -> bool:
        """Whether it deserves attention: a committee is told of these alone."""
        return self.call <= Call.DECIDE


def in_order(points: Iterable[Point]) -> list[Point]:
    """The order of reading: what is asked (Call); the most euros at stake; the nearest day; then the order given."""
    return sorted(points, key=lambda point: (point.call, -point.euros, point.by or date.max))


def listed(names: Sequence[str], most: int) -> str:
    """« A, B et 3 autres »."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" et {count(rest, 'autre')}" if rest > 0 else "")
