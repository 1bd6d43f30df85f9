"""What has come since an account was closed, and in which account each part of it is booked.

Does not live here: booking it (account.py reads the same differences), saying it (wording.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reporting.mandate import differences, operations
from reporting.mandate.closing import Closing
from warehouse.published.versions import Version, connect

_BY_NATURE = """
    select nature, way, count(*)::bigint as lines, sum(passes)::bigint as passes, sum(amount_eur) as amount_eur
    from moved group by all order by nature, way desc
"""
_RECEIVABLES = """
    select year(receivable.day)::int as year, count(*)::bigint as payments, sum(receivable.amount_eur) as amount_eur
    from operation as receivable
    inner join operation as payment on receivable.key = payment.key and payment.family = 'payment'
    where receivable.family = 'receivable' and payment.day <= $end and receivable.day > $end
    group by all order by year
"""


@dataclass(frozen=True)
class Move:
    """What moved of one nature, one way: `retrait` or `ajout`."""

    nature: str
    way: str
    lines: int
    passes: int
    amount_eur: Decimal


@dataclass(frozen=True)
class Booking:
    """The moves booked in the account of `year`; is_closed: that account is issued, else it is still open."""

    year: int
    is_closed: bool
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Since:
    """receivables: (year they were known in, payments, euros), on payments of the closed year and before it.

    stops_on: the date of the data published, when they no longer cover the closed year: nothing is compared.
    """

    bookings: tuple[Booking, ...] = ()
    receivables: tuple[tuple[int, int, Decimal], ...] = ()
    is_comparable: bool = True
    stops_on: date | None = None


def learnt_since(version: Version, closed: Mapping[int, Closing], year: int) -> Since:
    """What `version` and the accounts closed after it know of `year` that its own closing did not."""
    own = closed[year]
    if not own.has_snapshot:
        return Since(is_comparable=False)
    if version.as_of < own.end:
        return Since(stops_on=version.as_of)
    later = [closing for number, closing in sorted(closed.items()) if number > year and closing.has_snapshot]
    bookings = []
    # An account books what is learnt since the closing it opens with. One closed out of order has none: the year
    # skipped will book it, for its account is read from the same snapshot.
    last = year
    with connect(version.path) as con:
        operations.load_version(con)
        operations.load_snapshot(con, own.read(), "before")
        for step in [*later, None]:
            if step is None:
                after, booked_in, is_closed = "operation", last + 1, False
            else:
                operations.load_snapshot(con, step.read(), "after")
                after, booked_in, is_closed = "after", last + 1, step.year == last + 1
            differences.find(con, "before", after, own, until=own.end)
            con.register("moved", differences.lines(con))
            moves = tuple(Move(*row) for row in con.execute(_BY_NATURE).fetchall())
            con.unregister("moved")
            if moves:
                bookings.append(Booking(booked_in, is_closed, moves))
            if step is not None:
                last = step.year
                con.execute("create or replace temp table before as select * from after")
        receivables = tuple(con.execute(_RECEIVABLES, {"end": own.end}).fetchall())
    return Since(tuple(bookings), receivables)
