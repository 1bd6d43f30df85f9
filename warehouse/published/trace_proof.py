"""What the lines of a figure are proved against: the published figure of the same cut, wherever there is one.

Does not live here: the lines (trace.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from warehouse.published.measure import PROGRAMME, Measure, Scope, columns_of


@dataclass(frozen=True)
class Proof:
    """What the lines are proved against: a published figure, and where it is published.

    `value` is None where no table publishes that cut: the sum of the lines is the figure.
    """

    value: float | None
    where: str

    def holds(self, value: Decimal | None) -> bool:
        """Whether the published figure is the sum, to the last digit of a float."""
        return math.isclose(float(value or 0), self.value or 0.0, rel_tol=1e-12, abs_tol=1e-9)


_UNPUBLISHED = Proof(None, "")


#: Columns of a mart that do not bear the name of their measure.
_NAMED = {("amount_used_eur", "lieu_activity"): "amount_eur"}
_MONTHLY = {"territory": ("territory_month", "territory_code"), "lieu": ("lieu_activity", "lieu_siret")}


def proof_of(con: duckdb.DuckDBPyConnection, measure: Measure, scope: Scope) -> Proof:
    """The published figure of the scope: a cell, or the sum of the monthly cells of whole months."""
    found = _proof_by_name(con, measure, scope)
    return found if found.where else _proof_of_months(con, measure, scope)


def _proof_of_months(con: duckdb.DuckDBPyConnection, measure: Measure, scope: Scope) -> Proof:
    """The sum of the months of marts.measure_month: every measure that adds up is in it. A session has no territory."""
    of_days = scope.months is None and (scope.start or scope.end)
    if measure.rule != "sum" or scope.lieu or of_days or (scope.territory and measure.event == "session"):
        return _UNPUBLISHED
    if not columns_of(con, "measure_month"):  # a version from before it
        return _UNPUBLISHED
    first, last = scope.months or (None, None)
    row = con.execute(
        "select coalesce(sum(value), 0)::double, count(*) from marts.measure_month where indicator = $code "
        "and ($territory is null or territory_code = $territory) "
        "and month between coalesce($first::date, month) and coalesce($last::date, month)",
        {"code": measure.code, "territory": scope.territory, "first": first, "last": last},
    ).fetchone()
    total, cells = row or (0.0, 0)
    return Proof(total, f"marts.measure_month, {cells} mois additionnés" if cells > 1 else "marts.measure_month")


def _proof_by_name(con: duckdb.DuckDBPyConnection, measure: Measure, scope: Scope) -> Proof:
    if scope == PROGRAMME:
        sql = "select value from marts.programme_progress where indicator = ?"
        row = con.execute(sql, [measure.code]).fetchone()
        if row is not None:
            return Proof(row[0], "marts.programme_progress")
    if scope == Scope(territory=scope.territory) and scope.territory:
        return _cells(con, measure, "territory_progress", {"territory_code": scope.territory}, None)
    if (scope.territory and scope.lieu) or (scope.months is None and (scope.start or scope.end)):
        return _UNPUBLISHED
    is_one_month = scope.months is not None and scope.months[0] == scope.months[1]
    if measure.rule == "lieu_month" and not (scope.lieu and is_one_month):  # adds up over neither
        return _UNPUBLISHED
    if measure.rule not in ("sum", "lieu_month") or (scope.months is None and scope.lieu is None):
        return _UNPUBLISHED
    cut = "lieu" if scope.lieu else "territory"
    mart, column = _MONTHLY[cut]
    where = {column: value} if (value := scope.lieu or scope.territory) else {}
    return _cells(con, measure, mart, where, scope.months)


def _cells(
    con: duckdb.DuckDBPyConnection, measure: Measure, mart: str, where: dict[str, str], months: tuple[date, date] | None
) -> Proof:
    """The sum of the cells of a mart. A month or a territory without activity has no row: its figure is 0."""
    name = _NAMED.get((measure.code, mart), measure.code)
    columns = columns_of(con, mart)
    renamed = name in {new for (_, m), new in _NAMED.items() if m == mart} and name == measure.code
    if name not in columns or renamed:
        return _UNPUBLISHED
    conditions = [f"{column} = ?" for column in where] + (["month between ? and ?"] if months else [])
    values = [*where.values(), *(months or ())]
    row = con.execute(
        f"select sum({name})::double, count(*) from marts.{mart} where {' and '.join(conditions) or 'true'}", values
    ).fetchone()
    total, cells = row or (None, 0)
    nothing = None if measure.rule == "ratio" else 0.0
    told = f"marts.{mart}" if cells < 2 else f"marts.{mart}, {cells} cellules additionnées"
    return Proof(nothing if total is None else total, told)
