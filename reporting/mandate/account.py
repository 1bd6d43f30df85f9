"""The account of one year, read from one published version: every statement as a table, every line with its pieces.

A piece is a delivered file, numbered P1, P2… in the table `pieces`. Does not live here: the workbook (workbook.py), the
PDF (document.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from reporting.figures.period import PeriodError
from reporting.files.table import Column, Kind, Layout, Table, nothing_withheld
from reporting.mandate import queries
from warehouse.published import Version, connect

NATURES = {
    "issued": "Pass émis (prise en charge)",
    "used": "Pass utilisés (sortie)",
    "expired": "Pass expirés (sortie)",
    "cancelled": "Pass annulés, retournés, perdus ou volés (sortie)",
    "counter_payment": "Contre-paiements aux lieux",
    "engagement": "Engagements",
    "mandatement": "Mandatements",
    "avoir": "Avoirs reçus",
    "recette_etat": "Recettes de l'État",
    "recette_commune": "Recettes des communes",
}
CATEGORIES = {
    "valeur_faciale": "Valeur faciale",
    "frais_emission": "Frais d'émission",
    "mandat_gestion": "Mandat de gestion",
    "accompagnement": "Accompagnement",
    "autre": "Autre",
}


@dataclass(frozen=True)
class Account:
    """The account of a year. cash and credit: label → euros, in the order they are read."""

    year: int
    version: Version
    balance: Table
    operations: Table
    counter_payments: Table
    unpaid: Table
    credit_notes: Table
    entries: Table
    pieces: Table
    totals: dict[str, Any]
    cash: dict[str, float]
    credit: dict[str, float]

    @property
    def is_provisional(self) -> bool:
        return self.version.as_of < date(self.year, 12, 31)

    @property
    def reconciliation(self) -> dict[str, float]:
        """The treasury explained: passes still usable, uses still to pay, credit notes still to come, and the gap."""
        parts = {
            "Pass encore en circulation (valeur faciale)": float(self.totals.get("closing_eur", 0)),
            "Pass utilisés, restant à contre-payer": float(self.unpaid.values["amount_eur"].sum()),
            "Avoirs dus et non reçus": self.credit["Avoirs dus et non reçus à la clôture"],
        }
        treasury = self.cash["Solde à la clôture"]
        return {**parts, "Solde de trésorerie à la clôture": treasury, "Écart": treasury - sum(parts.values())}

    @property
    def tables(self) -> list[Table]:
        return [
            self.balance, self.operations, self.counter_payments, self.unpaid, self.credit_notes, self.entries,
            self.pieces,
        ]  # fmt: skip


def read_account(version: Version, year: int) -> Account:
    """The account of `year` from `version`. Raises PeriodError (French) when the data do not reach that year."""
    if version.as_of.year < year:
        raise PeriodError(
            f"L'année {year} commence après la date des données ({version.as_of:%d/%m/%Y}) : déposez les livraisons "
            "qui la couvrent, puis lancez « passnum run »."
        )
    start, end = date(year, 1, 1), date(year, 12, 31)
    with connect(version.path) as con:
        span = {"start": start, "end": end}
        frames = {
            "operations": _read(con, queries.OPERATIONS, span),
            "counter_payments": _read(con, queries.COUNTER_PAYMENTS, span),
            "unpaid": _read(con, queries.UNPAID, {"end": end}),
            "credit_notes": _read(con, queries.CREDIT_NOTES, span),
            "entries": _read(con, queries.ENTRIES, span),
        }
        pieces = _read(con, queries.PIECES, {})
        ledger = _read(
            con,
            """
            select ledger.*, dim.territory_name from marts.mandate_ledger as ledger
            left join core.dim_territory as dim using (territory_code) where year(month) = $year
            """,
            {"year": year},
        )
        cash, credit = _cash(con, start, end), _credit(con, start, end)
    numbers = _number_pieces(frames, pieces)
    listed = {name: _with_pieces(frame, numbers) for name, frame in frames.items()}
    balance, totals = _balance(ledger)
    return Account(
        year, version, balance, _operations(listed["operations"]), *_statements(listed),
        _table("pieces", "Pièces", "Pièces : les livraisons citées", ["piece"], _PIECE_COLUMNS, numbers),
        totals, cash, credit,
    )  # fmt: skip


def _read(con: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pl.DataFrame:
    return con.execute(query, values).pl()


def _number_pieces(frames: dict[str, pl.DataFrame], pieces: pl.DataFrame) -> pl.DataFrame:
    """The delivered files that the account rests on, numbered by extract date then identity."""
    used = [frame.select(pl.col("files").explode().alias("file_id")) for frame in frames.values() if "files" in frame]
    used.append(frames["entries"].select(file_id="source_file_id"))
    cited = pl.concat(used).unique()
    return (
        pieces.join(cited, on="file_id", how="semi")
        .sort("extract_date", "file_id")
        .with_row_index("number", 1)
        .with_columns(piece=pl.lit("P") + pl.col("number").cast(pl.String))
    )


def _with_pieces(frame: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """The frame with a text column `pieces` (« P3, P7 ») instead of file identities."""
    if "files" not in frame.columns:
        named = frame.join(numbers.select("file_id", "piece"), left_on="source_file_id", right_on="file_id", how="left")
        line = pl.col("piece") + ", ligne " + pl.col("source_line").cast(pl.String)
        return named.with_columns(pieces=line).drop("piece")
    rows = frame.with_row_index("row")
    named = (
        rows.select("row", file_id="files")
        .explode("file_id")
        .join(numbers, on="file_id", how="left")
        .sort("row", "number")
    )
    text = named.group_by("row", maintain_order=True).agg(pieces=pl.col("piece").str.join(", "))
    return rows.join(text, on="row", how="left").sort("row").drop("row", "files")


def _table(name: str, sheet: str, title: str, key: list[str], columns: list[tuple], frame: pl.DataFrame) -> Table:
    made = tuple(Column(source, label, kind, source) for source, label, kind in columns)
    values = frame.select(column.source for column in made)
    return Table(Layout(name, sheet, title, name, tuple(key), made), values, nothing_withheld(values))


_PIECE_COLUMNS: list[tuple[str, str, Kind]] = [
    ("piece", "Pièce", "text"), ("file_name", "Fichier livré", "text"), ("dataset", "Jeu de données", "text"),
    ("extract_date", "Extrait le", "date"), ("lines_accepted", "Lignes acceptées", "integer"),
    ("sha256", "Empreinte SHA-256", "text"),
]  # fmt: skip
_MOVES = ("opening", "issued", "used", "expired", "cancelled", "closing")
_MOVE_TITLES = ("Ouverture", "Émis", "Utilisés", "Expirés", "Annulés", "Clôture")


def _balance(ledger: pl.DataFrame) -> tuple[Table, dict[str, Any]]:
    """Grain: one row per territory of the carnets; opening of January, moves of the year, closing of December."""
    ordered = ledger.sort("territory_code", "month")
    aggregates = []
    for unit in ("passes", "eur"):
        aggregates.append(pl.col(f"opening_{unit}").first())
        aggregates += [pl.col(f"{move}_{unit}").sum() for move in _MOVES[1:-1]]
        aggregates.append(pl.col(f"closing_{unit}").last())
    frame = ordered.group_by("territory_code", "territory_name", maintain_order=True).agg(aggregates)
    columns: list[tuple[str, str, Kind]] = [
        ("territory_code", "Code INSEE", "text"),
        ("territory_name", "Territoire", "text"),
    ]
    columns += [(f"{m}_passes", f"{t} (pass)", "integer") for m, t in zip(_MOVES, _MOVE_TITLES, strict=True)]
    columns += [(f"{m}_eur", t, "euros") for m, t in zip(_MOVES, _MOVE_TITLES, strict=True)]
    totals = frame.select(pl.selectors.numeric().sum()).row(0, named=True) if frame.height else {}
    return _table(
        "balance", "Balance", "Balance des pass confiés au mandataire", ["territory_code"], columns, frame
    ), totals


def _operations(frame: pl.DataFrame) -> Table:
    order = pl.col("nature").replace_strict({code: rank for rank, code in enumerate(NATURES)}, default=99)
    shown = frame.sort(order, "month").with_columns(
        label=pl.col("nature").replace(NATURES), passes=pl.when(pl.col("passes") > 0).then("passes")
    )
    columns: list[tuple[str, str, Kind]] = [
        ("label", "Nature", "text"), ("month", "Mois", "date"), ("passes", "Pass", "integer"),
        ("amount_eur", "Montant", "euros"), ("pieces", "Pièces", "text"),
    ]  # fmt: skip
    return _table(
        "operations", "Opérations", "Opérations par nature, sans contraction", ["label", "month"], columns, shown
    )


def _statements(listed: dict[str, pl.DataFrame]) -> tuple[Table, Table, Table, Table]:
    lieu: list[tuple[str, str, Kind]] = [("lieu_siret", "SIRET", "text"), ("lieu_name", "Lieu", "text")]
    money: list[tuple[str, str, Kind]] = [("passes", "Pass", "integer"), ("amount_eur", "Montant", "euros")]
    pieces: list[tuple[str, str, Kind]] = [("pieces", "Pièces", "text")]
    paid = _table(
        "contre_paiements", "Contre-paiements", "Contre-paiements aux lieux, avec leurs références",
        ["lieu_siret", "reference", "reimbursed_on"],
        [*lieu, ("reference", "Référence", "text"), ("reimbursed_on", "Date", "date"), *money, *pieces],
        listed["counter_payments"],
    )  # fmt: skip
    unpaid = _table(
        "restes_a_payer", "Restes à contre-payer", "Pass utilisés et non contre-payés à la clôture", ["lieu_siret"],
        [*lieu, *money, ("oldest_on", "Plus ancienne utilisation", "date"), *pieces], listed["unpaid"],
    )  # fmt: skip
    labels = {"expired": "Expirés", "cancelled": "Annulés, retournés, perdus ou volés"}
    notes = _table(
        "avoirs_dus", "Avoirs dus", "Avoirs dus par l'opérateur : valeur faciale des pass sortis sans utilisation",
        ["order_reference", "lot_code", "label"],
        [
            ("order_reference", "Bon de commande", "text"), ("lot_code", "Lot", "text"), ("label", "Motif", "text"),
            *money, *pieces,
        ],
        listed["credit_notes"].with_columns(label=pl.col("status").replace(labels)),
    )  # fmt: skip
    entries = _table(
        "ecritures", "Écritures", "Écritures budgétaires de l'année", ["entry_id"],
        [
            ("entry_id", "Écriture", "text"), ("entered_on", "Date", "date"), ("nature_label", "Nature", "text"),
            ("category_label", "Catégorie", "text"), ("reference", "Référence", "text"),
            ("order_reference", "Bon de commande", "text"), ("amount_eur", "Montant TTC", "euros"), *pieces,
        ],
        listed["entries"].with_columns(
            nature_label=pl.col("nature").replace(NATURES), category_label=pl.col("category").replace(CATEGORIES)
        ),
    )  # fmt: skip
    return paid, unpaid, notes, entries


def _cash(con: duckdb.DuckDBPyConnection, start: date, end: date) -> dict[str, float]:
    """The operator's treasury of face value: what it was paid, what it paid out, what it gave back."""
    budget = "select coalesce(sum(amount_incl_tax_eur), 0)::double from core.fct_budget_entry where is_counted "
    budget += "and category = 'valeur_faciale' and nature = ? and entered_on between ? and ?"
    paid = "select coalesce(sum(amount_eur), 0)::double from core.fct_redemption "
    paid += "where is_counted and source_status = 'remboursee' and reimbursed_on between ? and ?"
    eve, origin = date(start.year - 1, 12, 31), date(1900, 1, 1)

    def amounts(first: date, last: date) -> tuple[float, float, float]:
        given = [_one(con, budget, [nature, first, last]) for nature in ("mandatement", "avoir")]
        return given[0], _one(con, paid, [first, last]), given[1]

    before, now = amounts(origin, eve), amounts(start, end)
    opening = before[0] - before[1] - before[2]
    return {
        "Solde à l'ouverture": opening,
        "Versements de la Métropole (mandatements, valeur faciale)": now[0],
        "Contre-paiements aux lieux": now[1],
        "Avoirs remboursés à la Métropole": now[2],
        "Solde à la clôture": opening + now[0] - now[1] - now[2],
    }


def _credit(con: duckdb.DuckDBPyConnection, start: date, end: date) -> dict[str, float]:
    """Credit notes of face value: due so far, received so far, in the year, and what is still to come."""
    due = "select coalesce(sum(face_value_eur), 0)::double from core.fct_pass "
    due += "where status in ('expired', 'cancelled') and left_on between ? and ?"
    got = "select coalesce(sum(amount_incl_tax_eur), 0)::double from core.fct_budget_entry "
    got += "where is_counted and category = 'valeur_faciale' and nature = 'avoir' and entered_on between ? and ?"
    origin, eve = date(1900, 1, 1), date(start.year - 1, 12, 31)
    opening = _one(con, due, [origin, eve]) - _one(con, got, [origin, eve])
    new, received = _one(con, due, [start, end]), _one(con, got, [start, end])
    return {
        "Avoirs dus et non reçus à l'ouverture": opening,
        "Avoirs nés dans l'année (pass expirés et annulés)": new,
        "Avoirs reçus dans l'année": received,
        "Avoirs dus et non reçus à la clôture": opening + new - received,
    }


def _one(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> float:
    row = con.execute(query, values).fetchone()
    return float(row[0]) if row else 0.0
