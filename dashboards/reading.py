"""How a page reads ONE published file: the filters, and a question to the reader's own database. No Streamlit here.

A query names its tables `{in_braces}`, so that one its reader may not have is said so. Does not live here: what that
database holds (rights.py), the queries (queries.py, queries_activity.py, queries_account.py), the withholding of small
counts (protection.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dashboards.access import TEAM, Rights
from dashboards.rights import ALL_TABLES, NotAllowed, may_read, open_for


@dataclass(frozen=True)
class Filters:
    """What the person chose. Empty = no restriction; months are first days, both included."""

    start: date | None = None
    end: date | None = None
    ami: int | None = None
    territories: tuple[str, ...] = ()
    lieux: tuple[str, ...] = ()

    @property
    def has_period(self) -> bool:
        return self.start is not None or self.end is not None

    @property
    def cuts_a_quarter(self) -> bool:
        """Whether the period begins or ends within a quarter."""
        return bool((self.start and self.start.month % 3 != 1) or (self.end and self.end.month % 3))

    def where(self, *columns: str, alias: str = "") -> str:
        """SQL conditions for the columns a table has (month, territory_code, ami, lieu_siret), `true` when none."""
        conditions = {
            "month": "{0}month >= coalesce($start, {0}month) and {0}month <= coalesce($end, {0}month)",
            "territory_code": "(len($territories) = 0 or list_contains($territories, {0}territory_code))",
            "ami": "($ami is null or {0}ami = $ami)",
            "ami_of_territory": "($ami is null or {0}territory_code in "
            "(select territory_code from place where ami = $ami))",
            "lieu_siret": "(len($lieux) = 0 or list_contains($lieux, {0}lieu_siret))",
        }
        return " and ".join(conditions[column].format(alias and alias + ".") for column in columns)

    def step(self, quarters: bool) -> tuple[str, str]:
        """SQL: the first day of a row's month, or of its quarter; and the condition that the period holds it whole."""
        if not quarters:
            return "month", "true"
        first = "date_trunc('quarter', month)::date"
        cut = "where month < coalesce($start, month) or month > coalesce($end, month)"
        return first, f"{first} not in (select {first} from {{territory_month}} {cut})"

    @property
    def values(self) -> dict[str, Any]:
        return {
            "start": self.start,
            "end": self.end,
            "ami": self.ami,
            "territories": list(self.territories),
            "lieux": list(self.lieux),
        }


NO_FILTER = Filters()


@dataclass(frozen=True)
class Reading:
    """A published file seen with the rights of one person. Every method returns a Polars frame.

    `opened`: that reader's database of that very file, of which each question takes a cursor; None: each question
    makes it.
    """

    path: Path
    rights: Rights = TEAM
    opened: duckdb.DuckDBPyConnection | None = None

    def ask(self, sql: str, filters: Filters | None = None, **values: Any) -> pl.DataFrame:
        """Run `sql`, whose tables are in braces; only the parameters it names are bound. Raises NotAllowed."""
        names = [name for name in ALL_TABLES if "{" + name + "}" in sql]
        if refused := [name for name in names if not may_read(self.rights, name)]:
            raise NotAllowed(", ".join(refused))
        known = (filters.values if filters else {}) | values
        bound = {name: value for name, value in known.items() if f"${name}" in sql}
        with open_for(self.path, self.rights) if self.opened is None else self.opened.cursor() as con:
            return con.execute(sql.format(**{name: name for name in names}), bound).pl()
