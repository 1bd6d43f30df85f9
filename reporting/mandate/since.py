"""What has come since an account was closed, and in which account each part of it is booked.

Does not live here: booking it (account.py reads the same differences), saying it (wording.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reporting.mandate import differences, operations
from reporting.mandate.closing import Closing
from warehouse.published import Version, connect

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
    """receivables: (year they were known in, payments, euros), on payments of the closed year and before it."""

    bookings: tuple[Booking, ...] = ()
    receivables: tuple[tuple[int, int, Decimal], ...] = ()
    is_comparable: bool = True


def learnt_since(version: Version, closed: Mapping[int, Closing], year: int) -> Since:
    """What `version` and the accounts closed after it know of `year` that its own closing did not."""
    own = closed[year]
    if not own.has_snapshot:
        return Since(is_comparable=False)
    later = [closing for number, closing in sorted(closed.items()) if number > year and closing.has_snapshot]
    bookings = []
    with connect(version.path) as con:
        operations.load_version(con)
        operations.load_snapshot(con, own.read(), "before")
        for step in [*later, None]:
            if step is None:
                after, booked_in = "operation", max([year, *(closing.year for closing in later)]) + 1
            else:
                operations.load_snapshot(con, step.read(), "after")
                after, booked_in = "after", step.year
            differences.find(con, "before", after, own, until=own.end)
            con.register("moved", differences.lines(con))
            moves = tuple(Move(*row) for row in con.execute(_BY_NATURE).fetchall())
            con.unregister("moved")
            if moves:
                bookings.append(Booking(booked_in, step is not None, moves))
            if step is not None:
                con.execute("create or replace temp table before as select * from after")
        receivables = tuple(con.execute(_RECEIVABLES, {"end": own.end}).fetchall())
    return Since(tuple(bookings), receivables)
