"""The yearly account of a small simulated programme: it closes, is the ledger's, and opens where the other closed.

Does not live here: years closed and regularised (test_mandate_years.py), the other documents (test_exports.py).
"""

from __future__ import annotations

from reporting.mandate.account import read_account
from tests.integration.reporting.conftest import marts
from warehouse.published.versions import Version


def test_the_account_closes_and_is_explained(version: Version):
    account = read_account(version, 2023)
    totals = account.totals
    left = totals["used_eur"] + totals["expired_eur"] + totals["cancelled_eur"]
    assert totals["opening_eur"] + totals["issued_eur"] - left == totals["closing_eur"]
    paid = "select sum(amount_eur) as v from core.fct_counter_payment where year(booked_on) = 2023"
    tables = {name: table.values for name, table in account.statements.items()}
    assert tables["contre_paiements"]["amount_eur"].sum() == marts(version, paid)["v"][0]
    assert account.reconciliation["Écart"] == 0
    assert tables["operations"]["pieces"].null_count() == 0
    assert tables["ecritures"]["pieces"].str.contains(r"^P\d+, ligne \d+$").all()


def test_the_account_s_balance_is_the_ledger_s(version: Version):
    """With no year closed, the balance of a year is that of marts.mandate_ledger, territory by territory."""
    balance = read_account(version, 2023).statements["balance"].values
    moves = ("issued", "used", "expired", "cancelled")
    sums = ", ".join(f"sum({move}_{unit}) as {move}_{unit}" for unit in ("passes", "eur") for move in moves)
    ledger = marts(
        version,
        f"""
        select territory_code, {sums}, sum(closing_passes) filter (where month = '2023-12-01') as closing_passes,
            sum(closing_eur) filter (where month = '2023-12-01') as closing_eur
        from marts.mandate_ledger where year(month) = 2023 group by territory_code order by territory_code
        """,
    )
    assert balance.select(ledger.columns).rows() == ledger.rows()


def test_the_account_of_a_year_opens_where_the_other_closed(version: Version):
    before, after = read_account(version, 2022), read_account(version, 2023)
    assert before.totals["closing_eur"] == after.totals["opening_eur"]
    assert before.cash["Solde à la clôture"] == after.cash["Solde à l'ouverture"]
