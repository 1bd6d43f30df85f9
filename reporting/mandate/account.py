"""The account of one year: which operations it opens with, those of the year, what is learnt of closed years.

The year opens with the closing of the year before when that one is closed (its snapshot), else with what the version
knows of it; closing = opening + operations of the year + regularisations, by construction. Does not live here: the
tables (article.py, tables.py, statements.py), the workbook and the PDF, freezing (export.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from presentation.table import Table
from reporting.figures.period import PeriodError
from reporting.mandate import article, balances, differences, operations, queries, tables
from reporting.mandate.closing import Closing
from reporting.mandate.pieces import NOT_CITED, OPENING, number_pieces, with_pieces
from reporting.mandate.statements import ZERO, Lines, chain, lines_of_pieces, reconciliation_table, statement_table
from warehouse.published.version_settings import VersionTooOld
from warehouse.published.versions import Version, connect


@dataclass(frozen=True)
class Account:
    """The account of a year. cash, credit and owed: label → euros, in the order they are read; `owed` by the lieux.

    tables: in the order of the workbook. snapshot: the operations known up to the year's end, kept if it closes.
    """

    year: int
    version: Version
    statements: dict[str, Table]
    totals: dict[str, Any]
    cash: Lines
    credit: Lines
    owed: Lines
    explanation: dict[str, Decimal]
    opening_note: str
    closing_note: str
    snapshot: pl.DataFrame = field(repr=False)
    #: Whether a rectifying account is compared line by line with the closing that it rectifies.
    is_comparable: bool = True

    @property
    def is_provisional(self) -> bool:
        return self.version.as_of < date(self.year, 12, 31)

    @property
    def unpaid(self) -> Table:
        return self.statements["restes_a_payer"]

    @property
    def reconciliation(self) -> Lines:
        """What the operator holds and is owed, explained: passes, uses to pay, credit notes to come, and the gap.

        Lines that are zero in an ordinary year are shown only when they are not.
        """
        treasury, owed = self.cash["Solde à la clôture"], self.owed["Trop-perçus à recouvrer à la clôture"]
        found = self.explanation
        seldom: Lines = {
            "Écarts entre le montant payé et la valeur faciale": found["face_value_paid"] - found["paid_for_uses"],
            "Contre-paiements faits avant l'utilisation (à déduire)": -found["in_advance"],
            "Trop-perçus connus après la clôture (à déduire)": found["overpaid"] + found["supported"] - found["paid"],
            "Recouvrements sans trop-perçu correspondant": found["excess"],
        }
        parts: Lines = {
            "Pass encore en circulation (valeur faciale)": self.totals.get("closing_eur") or ZERO,
            "Pass utilisés, restant à contre-payer": self.unpaid.values.select(pl.sum("amount_eur")).item() or ZERO,
            "Avoirs dus et non reçus": self.credit["Avoirs dus et non reçus à la clôture"],
            **{label: value for label, value in seldom.items() if value},
        }
        return {
            "Solde de trésorerie à la clôture": treasury,
            "Trop-perçus à recouvrer sur les lieux": owed,
            "Ensemble à expliquer": treasury + owed,
            **parts,
            "Écart": treasury + owed - sum(parts.values(), ZERO),
        }

    @property
    def tables(self) -> list[Table]:
        return list(self.statements.values())

    def with_first(self, table: Table) -> Account:
        """The same account, with a table before its others."""
        return replace(self, statements={table.layout.name: table, **self.statements})


def read_account(
    version: Version, year: int, closed: Mapping[int, Closing] | None = None, rectifies: Closing | None = None
) -> Account:
    """The account of `year` from `version`, given the years already closed.

    rectifies: the closing in force of that very year; the account then has a table `changements`.

    Raises PeriodError (French) when the data do not reach that year, or when a snapshot is not what it was, and
    VersionTooOld (French) for a version without a chart of accounts.
    """
    if version.as_of.year < year:
        raise PeriodError(
            f"L'année {year} commence après la date des données ({version.as_of:%d/%m/%Y}) : déposez les livraisons "
            "qui la couvrent, puis lancez « passnum run »."
        )
    with_snapshot = {number: closing for number, closing in (closed or {}).items() if closing.has_snapshot}
    span = {"start": date(year, 1, 1), "end": date(year, 12, 31)}
    before = with_snapshot.get(year - 1)
    with connect(version.path) as con:
        closing_note = _load_operations(con, year, with_snapshot)
        opening_note = _load_opening(con, year, before, span["start"])
        con.register("moved", differences.lines(con))
        con.execute("create or replace temp table moved_line as select * from moved")
        con.unregister("moved")
        con.register("statement_line", lines_of_pieces())
        try:
            operations.book(con, span["start"], span["end"], OPENING if before else None)
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise VersionTooOld(
                f"La version {version.build_id} vient d'une version du logiciel qui n'y gardait pas le plan de comptes "
                "du mandat : lancez « passnum run » pour la construire à nouveau."
            ) from error
        found = {name: _ask(con, query, span) for name, query in _FRAMES.items()}
        if rectifies is not None:
            found["changed"] = _changed(con, rectifies)
        movements = _movements(con)
        explained = _ask(con, queries.EXPLANATION, span).row(0, named=True)
        state = _ask(con, balances.STATE_SHARE, span).rows(named=True)
        numbers = number_pieces(found.values(), _ask(con, queries.PIECES, {}), before)
        names = dict(con.execute("select territory_code, territory_name from core.dim_territory").fetchall())
        snapshot = operations.snapshot_of(con, span["end"])
    listed = _with_pieces(found, numbers)
    made, late, totals = tables.build(listed, numbers, names, rectifies is not None)
    cash, credit, owed = (chain(name, movements[name]) for name in ("treasury", "credit_note", "receivable"))
    account = Account(
        year, version, {table.layout.name: table for table in made}, totals, cash, credit, owed,
        {name: amount or ZERO for name, amount in explained.items()}, opening_note, closing_note, snapshot,
        rectifies is None or rectifies.has_snapshot,
    )  # fmt: skip
    ordered = [*article.build(listed, state[0] if state else None), *_statements(account, listed), *late, *made]
    return replace(account, statements={table.layout.name: table for table in ordered})


_FRAMES = {
    "general_balance": balances.GENERAL_BALANCE,
    "balance_pieces": balances.BALANCE_PIECES,
    "operations_of_year": queries.OPERATIONS_OF_YEAR,
    "claims": balances.CLAIMS,
    "receipts": balances.RECEIPTS,
    "uses": balances.USES,
    "development": balances.DEVELOPMENT,
    "statements": queries.STATEMENT_PIECES,
    "balance": queries.BALANCE,
    "territory_pieces": queries.BALANCE_PIECES,
    "operations": queries.OPERATIONS,
    "counter_payments": queries.COUNTER_PAYMENTS,
    "unpaid": queries.UNPAID,
    "credit_notes": queries.CREDIT_NOTES,
    "entries": queries.ENTRIES,
    "receivables": queries.RECEIVABLES,
    "receivable_moves": queries.RECEIVABLE_MOVES,
    "receivable_pieces": queries.RECEIVABLE_PIECES,
    "regularised": queries.REGULARISED,
    "moved": queries.REGULARISATIONS,
}
#: Frames of balances, whose pieces are another's: frame → (the other, the columns that join them).
_PIECES_OF = {
    "general_balance": ("balance_pieces", ["account"]),
    "balance": ("territory_pieces", ["territory_code"]),
    "receivable_moves": ("receivable_pieces", ["lieu_siret", "reference"]),
}


def _with_pieces(found: Mapping[str, pl.DataFrame], numbers: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Every frame with the text of its pieces."""
    listed = {name: with_pieces(frame, numbers) for name, frame in found.items()}
    for name, (other, keys) in _PIECES_OF.items():
        joined = listed[name].join(listed[other], on=keys, how="left", maintain_order="left", nulls_equal=True)
        listed[name] = joined.with_columns(pl.col("pieces").fill_null(NOT_CITED))
    return listed


def _statements(account: Account, listed: Mapping[str, pl.DataFrame]) -> list[Table]:
    pieces = dict(listed["statements"].select("label", "pieces").rows())
    lines = {"treasury": account.cash, "receivable": account.owed, "credit_note": account.credit}
    made = [statement_table(name, told, pieces) for name, told in lines.items()]
    return [made[0], reconciliation_table(account.reconciliation), *made[1:]]


def _load_operations(con: duckdb.DuckDBPyConnection, year: int, closed: Mapping[int, Closing]) -> str:
    """The table `operation`: of the version, or of the first later year already closed, so that this year's closing is
    that year's opening. Returns what to say of it."""
    later = min((number for number in closed if number > year), default=None)
    if later is None or year in closed:
        operations.load_version(con)
        return ""
    operations.load_snapshot(con, closed[later].read(), "operation")
    return (
        f"Le compte {later} est déjà arrêté : ce compte est établi sur ce qui était connu à son arrêté, pour que sa "
        f"clôture soit l'ouverture de {later}."
    )


def _load_opening(con: duckdb.DuckDBPyConnection, year: int, before: Closing | None, start: date) -> str:
    """The tables `opening` and `difference`. Returns what to say of the opening."""
    if before is not None:
        operations.load_snapshot(con, before.read(), "opening")
        differences.find(con, "opening", "operation", before, until=before.end)
        return (
            f"L'ouverture est la clôture du compte {year - 1}, arrêté (édition {before.edition.number}, données au "
            f"{before.as_of:%d/%m/%Y})."
        )
    con.execute("create or replace temp table opening as select * from operation where day < ?", [start])
    differences.find_none(con)
    row = con.execute("select count(*) from opening").fetchone()
    if not row or not row[0]:
        return "Rien ne précède cette année : l'ouverture est nulle."
    return f"Ouverture calculée sur les données du jour : le compte {year - 1} n'est pas arrêté."


def _changed(con: duckdb.DuckDBPyConnection, closing: Closing) -> pl.DataFrame:
    """Every operation that moved since the closing; none can be told of one issued before snapshots were kept."""
    if closing.has_snapshot:
        operations.load_snapshot(con, closing.read(), "closed_state")
        differences.find(con, "closed_state", "operation", closing, until=closing.end, with_days=True)
    else:
        differences.find_none(con)
    return differences.pairs(con)


def _ask(con: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pl.DataFrame:
    used = {name: value for name, value in values.items() if f"${name}" in query}
    return con.execute(query, used).pl()


def _movements(con: duckdb.DuckDBPyConnection) -> dict[str, Lines]:
    """Account → move → euros."""
    found: dict[str, Lines] = {account: {} for account in operations.ACCOUNTS}
    for account, move, amount in con.execute(queries.MOVEMENT).fetchall():
        found[account][move] = amount
    return found
