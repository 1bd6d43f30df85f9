"""How a page reads ONE published file: the tables by rights, the filters, the connection. No Streamlit here.

A query names its tables `{in_braces}`: `Reading` writes them for the rights of the person who reads, so a territory's
reader meets that territory's rows and no other, whatever the page does. Does not live here: the queries (queries.py,
queries_activity.py, queries_account.py), the withholding of small counts (protection.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dashboards.access import TEAM, Rights
from warehouse.published import versions

#: Totals of the programme and words: for every reader.
SHARED = {
    "programme_progress": "marts.programme_progress",
    "programme": "marts.programme",
    "progress_daily": "marts.progress_daily",
    "projection": "marts.projection",
    "projection_reliability": "marts.projection_reliability",
    "indicator": "marts.indicator",
    "dim_service": "core.dim_service",
    "build": "quality.build",
    "check_result": "quality.check_result",
}
#: Rows of a territory: for the programme's readers all of them, for a territory's reader its own.
BY_TERRITORY = {
    "dim_territory": "core.dim_territory",
    "dim_lieu": "core.dim_lieu",
    "territory_progress": "marts.territory_progress",
    "territory_month": "marts.territory_month",
    "territory_state": "marts.territory_state",
    "territory_flows": "marts.territory_flows",
    "lieu_activity": "marts.lieu_activity",
    "pass_lifecycle": "marts.pass_lifecycle",
    "expiry_risk": "marts.expiry_risk",
    "mandate_ledger": "marts.mandate_ledger",
    "audience_profile": "marts.audience_profile",
}
#: Rows of a lieu, without a territory of their own.
BY_LIEU = {"counter_payment": "marts.counter_payment", "mandate_receivable": "marts.mandate_receivable"}
#: For the programme's team and its steering committee alone.
PROGRAMME_ONLY = {
    "budget_month": "marts.budget_month",
    "delivered_file": "quality.delivered_file",
    "rejected_line": "quality.rejected_line",
    "field_issue": "quality.field_issue",
}
ALL_TABLES = SHARED | BY_TERRITORY | BY_LIEU | PROGRAMME_ONLY


class NotAllowed(Exception):
    """The reader's role does not open this table."""


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

    def where(self, *columns: str, alias: str = "") -> str:
        """SQL conditions for the columns a table has (month, territory_code, ami, lieu_siret), `true` when none."""
        conditions = {
            "month": "{0}month >= coalesce($start, {0}month) and {0}month <= coalesce($end, {0}month)",
            "territory_code": "(len($territories) = 0 or list_contains($territories, {0}territory_code))",
            "ami": "($ami is null or {0}ami = $ami)",
            "ami_of_territory": "($ami is null or {0}territory_code in "
            "(select territory_code from core.dim_territory where ami = $ami))",
            "lieu_siret": "(len($lieux) = 0 or list_contains($lieux, {0}lieu_siret))",
        }
        return " and ".join(conditions[column].format(alias and alias + ".") for column in columns)

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

    `opened`: a connection to that very file, of which each question takes a cursor; None: each question opens it.
    """

    path: Path
    rights: Rights = TEAM
    opened: duckdb.DuckDBPyConnection | None = None

    def table(self, name: str) -> str:
        """The SQL of a table as this reader may see it; raises NotAllowed."""
        code = self.rights.territory_code
        if code is None or name in SHARED:
            return ALL_TABLES[name]
        assert code.isalnum(), code
        if name in BY_TERRITORY:
            return f"(select * from {BY_TERRITORY[name]} where territory_code = '{code}')"
        if name in BY_LIEU:
            own = f"select lieu_siret from core.dim_lieu where territory_code = '{code}'"
            return f"(select * from {BY_LIEU[name]} where lieu_siret in ({own}))"
        raise NotAllowed(name)

    def ask(self, sql: str, filters: Filters | None = None, **values: Any) -> pl.DataFrame:
        """Run `sql`, whose tables are in braces; only the parameters it names are bound."""
        tables = {name: self.table(name) for name in ALL_TABLES if "{" + name + "}" in sql}
        known = (filters.values if filters else {}) | values
        bound = {name: value for name, value in known.items() if f"${name}" in sql}
        with versions.connect(self.path) if self.opened is None else self.opened.cursor() as con:
            return con.execute(sql.format(**tables), bound).pl()
