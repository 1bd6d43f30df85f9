"""What holds of every account, whatever its world: its totals agree to the cent, its lines have their pieces.

Used on deliveries as dirty as real ones (test_account_tables.py) and on three clean years (test_mandate_years.py).
"""

from __future__ import annotations

import re

import polars as pl

from reporting.mandate.account import Account
from reporting.mandate.article import ACCOUNTS, OPERATOR, STATE
from reporting.mandate.pieces import ABOVE, NOT_CITED
from warehouse.published.versions import connect

PAIRS = ("opening", "", "late", "closing")
#: « P3, ligne 12 », « P3, lignes 2 et 9 », « P3, lignes 2 à 40 (12 lignes) », « P0 », several parted by « ; ».
PIECE = r"P\d+(, (ligne \d+|lignes \d+ (et|à) \d+( \(\d+ lignes\))?))?"
SAID = re.compile(rf"^{PIECE}( ; {PIECE})*$")


def figures(account: Account, name: str) -> pl.DataFrame:
    return account.statements[name].values


def side(pair: str, way: str) -> str:
    return f"{pair}_{way}_eur" if pair else f"{way}_eur"


def check_agreement(account: Account) -> None:
    """Balance, treasury, operations, developments and claims agree to the cent (D. 1611-25, 1° to 4°)."""
    balance = figures(account, "balance_generale")
    for pair in PAIRS:
        assert balance[side(pair, "debit")].sum() == balance[side(pair, "credit")].sum(), pair
    rows = {row["account_label"]: row for row in balance.to_dicts()}
    for row in rows.values():
        opening, year, late, closing = (row[side(pair, "debit")] - row[side(pair, "credit")] for pair in PAIRS)
        assert opening + year + late == closing, row["account_label"]
    treasury, owed, credit = (rows[ACCOUNTS[name]] for name in ("treasury", "receivable", "credit_note"))
    assert treasury["closing_debit_eur"] - treasury["closing_credit_eur"] == account.cash["Solde à la clôture"]
    assert treasury["opening_debit_eur"] - treasury["opening_credit_eur"] == account.cash["Solde à l'ouverture"]
    assert owed["closing_debit_eur"] == account.owed["Trop-perçus à recouvrer à la clôture"]
    due = account.credit["Avoirs dus et non reçus à la clôture"]
    assert credit["closing_credit_eur"] - credit["closing_debit_eur"] == due
    held = rows[ACCOUNTS["circulation"]]
    assert held["closing_credit_eur"] == account.totals["closing_eur"]
    _check_development(account, rows)
    _check_operations(account, treasury)
    _check_claims(account)


def _check_development(account: Account, rows: dict[str, dict[str, object]]) -> None:
    """The lines of an account are its closing balance: one left out, or counted twice, would show here."""
    summed = figures(account, "developpement_des_soldes").group_by("account_label").agg(
        pl.col("balance_debit_eur", "balance_credit_eur").sum()
    )  # fmt: skip
    told = {label: debit - credit for label, debit, credit in summed.rows()}
    for label, row in rows.items():
        assert told.get(label, 0) == row["closing_debit_eur"] - row["closing_credit_eur"], label  # type: ignore[operator]


def _check_operations(account: Account, treasury: dict[str, object]) -> None:
    """Receipts, and expenses and credit notes, are the debits and credits of the treasury; months make the year."""
    year = figures(account, "operations_par_nature")
    sides = dict(year.group_by("section_label").agg(pl.col("amount_eur").sum()).rows())
    assert sides.get("Recettes du mandat", 0) == treasury["debit_eur"]
    assert sides.get("Dépenses du mandat", 0) + sides.get("Avoirs", 0) == treasury["credit_eur"]
    months = figures(account, "operations").group_by("label").agg(pl.col("amount_eur").sum()).sort("label")
    assert months.rows() == year.group_by("label").agg(pl.col("amount_eur").sum()).sort("label").rows()


def _check_claims(account: Account) -> None:
    """What is left of each debtor: the State's as the marts say it, the lieux', the operator's."""
    claims = {row["debtor"]: row for row in figures(account, "creances").to_dicts()}
    with connect(account.version.path) as con:
        state = con.execute(
            "select due_total_eur, received_total_eur, to_call_eur from marts.state_share where month = ?",
            [f"{account.year}-12-01"],
        ).fetchone()
    told = claims[STATE]
    assert (told["due_eur"], told["received_eur"], told["left_eur"]) == state
    lieux = sum(row["left_eur"] for name, row in claims.items() if name.startswith("Lieu"))
    assert lieux == account.owed["Trop-perçus à recouvrer à la clôture"]
    due = account.credit["Avoirs dus et non reçus à la clôture"]
    assert claims.get(OPERATOR, {"left_eur": 0})["left_eur"] == due


def check_pieces(account: Account) -> None:
    """For each line of each table, its piece: a delivery and its lines, or the lines that it is the sum of."""
    known = set(figures(account, "pieces")["piece"])
    without = {"identification", "pieces"}
    looked = 0
    for name, table in account.statements.items():
        if name in without:
            continue
        for told in table.values["pieces"].to_list():
            looked += 1
            if told in (ABOVE, NOT_CITED) or told.startswith("Tableau « "):
                continue
            assert SAID.match(told), (name, told)
            assert set(re.findall(r"P\d+", told)) <= known, (name, told)
    assert looked > 40
