"""Checks of tables of marts' size: the table made once in DuckDB, its judged columns given to Great Expectations.

Only the columns that expectations name leave DuckDB. Does not live here: the tables and expectations (suites/), the
validation itself (validation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from data_quality.expectations import Ask, Expect, Table, TableCheck
from data_quality.units import Failing, fetch_failing
from storage.sql_text import quoted

if TYPE_CHECKING:
    import pandas as pd

_NAME = "judged_table"
_ROW = "judged_row"


@contextmanager
def made(con: duckdb.DuckDBPyConnection, table: Table, ask: Ask | None = None) -> Iterator[None]:
    """`table` as a temporary table of `con`, its rows numbered, dropped at the end. `ask`: who else makes it."""
    rows = f"({table.sql})"
    if ask is not None:
        rows = "asked_rows"
        con.register(rows, ask(table.sql))
    con.execute(f"create or replace temp table {_NAME} as select row_number() over () as {_ROW}, * from {rows}")
    if ask is not None:
        con.unregister(rows)
    try:
        yield
    finally:
        con.execute(f"drop table temp.main.{_NAME}")


def judged_columns(con: duckdb.DuckDBPyConnection, checks: Sequence[TableCheck]) -> pd.DataFrame:
    """The columns that the expectations of `checks` name, in the table that is made; the index numbers the rows."""
    named = {column for check in checks for expectation in check.expectations for column in expectation.columns}
    columns = ", ".join(f'"{column}"' for column in sorted(named))
    return con.execute(f"select {_ROW}, {columns} from {_NAME} order by {_ROW}").df().set_index(_ROW).rename_axis(None)


def failing_units(con: duckdb.DuckDBPyConnection, check: TableCheck, rows: Sequence[int] | None) -> Failing:
    """The units that these rows of the table make; None: all those that the expectations of `check` judge."""
    chosen = _judged_by(check.expectations) if rows is None else f"{_ROW} in (select unnest($1))"
    return fetch_failing(
        con,
        _units(check, chosen),
        lowest_first=check.worst_is_lowest,
        parameters=() if rows is None else (list(rows),),
    )


def nearest_value(con: duckdb.DuckDBPyConnection, check: TableCheck) -> float | None:
    """The value nearest the threshold among the units judged; None where no unit is."""
    extreme = "min" if check.worst_is_lowest else "max"
    units = _units(check, _judged_by(check.expectations))
    row = con.execute(
        f"select {extreme}(value) from (select cast(value as double) as value from ({units})) where not isnan(value)"
    ).fetchone()
    return None if row is None else row[0]


def _units(check: TableCheck, chosen: str) -> str:
    return f"with chosen as (select * from {_NAME} where {chosen}) select * from ({check.units})"


def _judged_by(expectations: Sequence[Expect]) -> str:
    """SQL of the rows that one of the expectations judges."""
    return " or ".join(
        "(" + (" and ".join(f'"{c}" {_SQL.get(op, op)} {_literal(v)}' for c, op, v in e.when) or "true") + ")"
        for e in expectations
    )


_SQL = {"==": "=", "!=": "<>"}


def _literal(value: bool | float | str) -> str:
    return quoted(value) if isinstance(value, str) else str(value).lower()
