"""Checks of lines: DuckDB counts the units judged and those that fail; Great Expectations judges the counts.

No line and no sound unit leaves DuckDB: a million carnets cost a row a check. Does not live here: the profiles
themselves (profiles, suites/), checks of tables of marts' size (tables).
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from data_quality.context import GateContext
from data_quality.expectations import Ask, LineCheck
from data_quality.units import Failing, fetch_failing


@dataclass(frozen=True)
class Count:
    """What one pass over the units of a check says. `nearest`: the value nearest its threshold; None without units."""

    judged: int
    failing: int
    nearest: float | None


def count(con: duckdb.DuckDBPyConnection, context: GateContext, check: LineCheck, ask: Ask | None = None) -> Count:
    """Judge every unit of `check` where it is: in DuckDB, or where `ask` asks.

    Raises duckdb.Error for its SQL, ValueError for its bounds.
    """
    extreme = "min" if check.worst_is_lowest else "max"
    asked = f"""
        select
            count(*) as judged,
            count(*) filter (where {_fails(check, context)}) as failing,
            {extreme}(value) as nearest
        from (select cast(value as double) as value from ({check.profile}) as profile) as unit
        where value is not null and not isnan(value)
    """
    row = con.execute(asked).fetchone() if ask is None else tuple(ask(asked).to_pylist()[0].values())
    assert row is not None, "an aggregate has a row"
    return Count(*row)


def failing_units(con: duckdb.DuckDBPyConnection, context: GateContext, check: LineCheck) -> Failing:
    """The units outside the bounds of `check`."""
    units = f"""
        select * from ({check.profile})
        where not isnan(cast(value as double)) and ({_fails(check, context)})
    """
    return fetch_failing(con, units, lowest_first=check.worst_is_lowest)


def _fails(check: LineCheck, context: GateContext) -> str:
    minimum, maximum = check.bounds(context)
    bounds = (("<", minimum), (">", maximum))
    return " or ".join(f"value {operator} {bound!r}" for operator, bound in bounds if bound is not None) or "false"
