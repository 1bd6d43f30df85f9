"""The account of one year: which operations it opens with, those of the year, what is learnt of closed years.

The year opens with the closing of the year before when that one is closed (its snapshot), else with what the version
knows of it; closing = opening + operations of the year + regularisations, by construction. Does not live here: the
tables (tables.py), the workbook and the PDF, freezing (export.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from presentation.table import Table
from reporting.figures.period import PeriodError
from reporting.mandate import differences, operations, queries, tables
from reporting.mandate.closing import Closing
from warehouse.published.version_settings import VersionTooOld
from warehouse.published.versions import Version, connect

ZERO = Decimal("0.00")
Lines = dict[str, Decimal]


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
    with connect(version.path) as con:
        closing_note = _load_operations(con, year, with_snapshot)
        opening_note = _load_opening(con, year, with_snapshot.get(year - 1), span["start"])
        con.register("moved", differences.lines(con))
        con.execute("create or replace temp table moved_line as select * from moved")
        con.unregister("moved")
        try:
            operations.book(con, span["start"], span["end"])
        except duckdb.CatalogException as error:
            raise VersionTooOld(
                f"La version {version.build_id} vient d'une version du logiciel qui n'y gardait pas le plan de comptes "
                "du mandat : lancez « passnum run » pour la construire à nouveau."
            ) from error
        found = {name: _ask(con, query, span) for name, query in _FRAMES.items()}
        found["moved"] = con.execute("select * from moved_line").pl()
        if rectifies is not None:
            found["changed"] = _changed(con, rectifies)
        movements = _movements(con)
        explained = _ask(con, queries.EXPLANATION, span).row(0, named=True)
        pieces = _ask(con, queries.PIECES, {})
        names = dict(con.execute("select territory_code, territory_name from core.dim_territory").fetchall())
        snapshot = operations.snapshot_of(con, span["end"])
    statements, totals = tables.build(found, pieces, names, rectifies is not None)
    return Account(
        year, version, statements, totals, _cash(movements["treasury"]),
        _credit(movements["credit_note"]), _owed(movements["receivable"]),
        {name: amount or ZERO for name, amount in explained.items()}, opening_note, closing_note, snapshot,
    )  # fmt: skip


_FRAMES = {
    "balance": queries.BALANCE,
    "operations": queries.OPERATIONS,
    "counter_payments": queries.COUNTER_PAYMENTS,
    "unpaid": queries.UNPAID,
    "credit_notes": queries.CREDIT_NOTES,
    "entries": queries.ENTRIES,
    "receivables": queries.RECEIVABLES,
    "receivable_moves": queries.RECEIVABLE_MOVES,
    "regularised": queries.REGULARISED,
}


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
    found: dict[str, Lines] = {account: {} for account in ("treasury", "receivable", "credit_note", "circulation")}
    for account, move, amount in con.execute(queries.MOVEMENT).fetchall():
        found[account][move] = amount
    return found


def _chain(move: Mapping[str, Decimal], opening: str, lines: dict[str, str], closing: str) -> Lines:
    """Opening, each line, what is regularised (when there is some), closing."""
    shown = {opening: move.get("opening", ZERO)}
    for nature, label in {**lines, "added": _ADDED, "removed": _REMOVED}.items():
        amount = move.get(nature, ZERO)
        if amount or nature in lines:
            shown[label] = shown.get(label, ZERO) + amount
    return {**shown, closing: move.get("closing", ZERO)}


_ADDED = "Régularisations d'exercices antérieurs, en plus"
_REMOVED = "Régularisations d'exercices antérieurs, en moins"


def _cash(move: Mapping[str, Decimal]) -> Lines:
    """The operator's treasury of face value: what it was paid, what it paid out, got back and gave back."""
    return _chain(
        move,
        "Solde à l'ouverture",
        {
            "mandatement": "Versements de la Métropole (mandatements, valeur faciale)",
            "counter_payment": "Contre-paiements aux lieux",
            "recouvrement_lieu": "Recouvrements sur les lieux",
            "avoir": "Avoirs remboursés à la Métropole",
        },
        "Solde à la clôture",
    )


def _credit(move: Mapping[str, Decimal]) -> Lines:
    """Credit notes of face value: due so far, born and received in the year, and what is still to come."""
    born = "Avoirs nés dans l'année (pass expirés et annulés)"
    return _chain(
        move,
        "Avoirs dus et non reçus à l'ouverture",
        {
            "expired": born,
            "cancelled": born,
            "avoir": "Avoirs reçus dans l'année",
        },
        "Avoirs dus et non reçus à la clôture",
    )


def _owed(move: Mapping[str, Decimal]) -> Lines:
    """What the lieux owe: payments that their lines no longer support, less what they gave back."""
    return _chain(
        move,
        "Trop-perçus à recouvrer à l'ouverture",
        {
            "trop_percu": "Trop-perçus constatés dans l'année",
            "recouvrement": "Recouvrés dans l'année",
        },
        "Trop-perçus à recouvrer à la clôture",
    )
