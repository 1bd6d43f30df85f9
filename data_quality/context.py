"""What the checks may compare the candidate with, and the words their SQL may use.

The SQL of a profile reads the settings with `getvariable('as_of')` and writes French with the macros `fr_…`;
the version published before is attached as `previous`. Does not live here: the checks (suites/), running them (gate).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from programme.config import Programme
from programme.deliveries import MONTHLY, QUARTERLY, QUARTERLY_TIMES
from storage.sql_text import quoted

_MACROS = (
    "fr_int(n) as replace(format('{:,}', cast(n as bigint)), ',', chr(8239))",
    "fr_share(x) as replace(format('{:.1f}', 100.0 * x), '.', ',') || chr(160) || '%'",
    "fr_decimal(x) as replace(translate(format('{:,.1f}', cast(x as double)), ',.', '#,'), '#', chr(8239))",
    "fr_eur(x) as replace(translate(format('{:,.2f}', cast(x as double)), ',.', '#,'), '#', chr(8239))"
    " || chr(160) || '€'",
    "fr_day(d) as strftime(cast(d as date), '%d/%m/%Y')",
    "fr_month(d) as ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre',"
    " 'octobre', 'novembre', 'décembre'][month(d)] || ' ' || year(d)",
    "fr_passes(n) as fr_int(n) || chr(160) || 'pass'",
)


@dataclass(frozen=True)
class GateContext:
    """`as_of`: the date of the data. `previous`: the published file, None the first time and for an as-of build.

    `accepted_deliveries`: file_id or sha256 of the deliveries that a person accepted with their rejected lines.
    """

    as_of: date
    previous: Path | None = None
    max_rejected_share: float = 0.20
    expected_delivery_days: int = 35
    agreement_signed_on: date = date(2019, 12, 17)
    budget_eur: float = 3_800_000.0
    accepted_deliveries: tuple[str, ...] = ()

    @classmethod
    def of(cls, programme: Programme, as_of: date, previous: Path | None) -> GateContext:
        """The context of a build: what the programme sets, and the version published before."""
        return cls(
            as_of=as_of,
            previous=previous,
            max_rejected_share=float(programme.max_rejected_share),
            expected_delivery_days=programme.expected_delivery_days,
            agreement_signed_on=programme.agreement_signed_on,
            budget_eur=float(programme.budget_eur),
            accepted_deliveries=programme.accepted_deliveries,
        )


@contextlib.contextmanager
def in_context(con: duckdb.DuckDBPyConnection, context: GateContext) -> Iterator[None]:
    """The settings as variables, the macros and the previous version on `con`, which is left as it was found."""
    variables = {
        "as_of": f"date '{context.as_of}'",
        "agreement_signed_on": f"date '{context.agreement_signed_on}'",
        "expected_delivery_days": str(context.expected_delivery_days),
        "max_rejected_share": repr(context.max_rejected_share),
        "budget_eur": repr(context.budget_eur),
        "accepted_deliveries": "[" + ", ".join(map(quoted, context.accepted_deliveries)) + "]::varchar[]",
        "monthly": "[" + ", ".join(map(quoted, MONTHLY)) + "]",
        "quarterly": "[" + ", ".join(map(quoted, QUARTERLY)) + "]",
        "quarterly_times": str(QUARTERLY_TIMES),
    }
    for name, value in variables.items():
        con.execute(f"set variable {name} = {value}")
    for macro in _MACROS:
        con.execute(f"create or replace temp macro {macro}")
    if context.previous is not None:
        con.execute(f"attach {quoted(context.previous)} as previous (read_only)")
    try:
        yield
    finally:
        if context.previous is not None:
            con.execute("detach previous")
        for macro in _MACROS:
            con.execute(f"drop macro temp.main.{macro.split('(')[0]}")
        for name in variables:
            con.execute(f"reset variable {name}")
