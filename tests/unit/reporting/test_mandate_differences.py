"""What moved since a closing: the same operation is recognised, and the line cited is the one that moved it.

Deliveries repeat: every line comes again in each of them, changed or not, and an older one may come late. States are
written out by hand. Not here: accounts on real runs (tests/integration/reporting/test_mandate_years.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import polars as pl
import pytest

from reporting.figures.period import PeriodError
from reporting.files.editions import Edition
from reporting.mandate import differences
from reporting.mandate.closing import Closing
from reporting.mandate.export import _must_be_intact
from reporting.mandate.since import learnt_since

END = date(2021, 12, 31)
CLOSING = Closing(2021, Edition(1, Path(), {"date_des_donnees": "2022-01-31"}), Path(), "")
COLUMNS = (
    "family varchar, nature varchar, key varchar, day date, territory_code varchar, lieu_siret varchar, "
    "reference varchar, cause varchar, category varchar, order_reference varchar, lot_code varchar, passes int, "
    "amount_eur decimal(18,2), supported_eur decimal(18,2), redemption_id varchar, carnet_number varchar, "
    "source_file_id varchar, source_line bigint, extract_date date"
)
#: Delivered again after the closing: the use, the carnet and the entry, in files of one day.
LINES = """
    create schema core; create schema quality;
    create table quality.delivered_file as select * from (values
        ('old', date '2022-01-31', 'loaded', 1), ('uses', date '2022-03-31', 'loaded', 2),
        ('carnets', date '2022-03-31', 'loaded', 3)) t (file_id, extract_date, outcome, received_at);
    create table core.fct_redemption as select 'U1' as redemption_id, 'uses' as source_file_id, 7 as source_line;
    create table core.dim_carnet as select 'C1' as carnet_number, 'carnets' as source_file_id, 2 as source_line;
    create table core.fct_budget_entry as select 'B1' as entry_id, 'old' as source_file_id, 9 as source_line;
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute(LINES)
        for name in ("opening", "operation"):
            made.execute(f"create table {name} ({COLUMNS})")
        yield made


def add(con: duckdb.DuckDBPyConnection, state: str, **values: Any) -> None:
    row = {"passes": 1, "amount_eur": 10, "source_file_id": "old", "source_line": 3} | values
    con.execute(f"insert into {state} ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values()))


def used(territory: str, redemption: str = "U1") -> dict[str, Any]:
    return {
        "family": "exit", "nature": "used", "key": "00000001", "day": date(2021, 6, 1), "territory_code": territory,
        "redemption_id": redemption, "carnet_number": "C1",
    }  # fmt: skip


def paid(key: str, **more: Any) -> dict[str, Any]:
    return {
        "family": "payment", "nature": "counter_payment", "key": key, "day": date(2021, 9, 30), "lieu_siret": "L",
        "reference": "CP", "redemption_id": "U1",
    } | more  # fmt: skip


def moved(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    differences.find(con, "opening", "operation", CLOSING, until=END)
    return differences.lines(con)


def test_a_territory_corrected_on_a_carnet_cites_the_carnet_s_line(con: duckdb.DuckDBPyConnection) -> None:
    add(con, "opening", **used("94080"))
    add(con, "operation", **used("93066"))
    assert moved(con).select("way", "territory_code", "source_file_id", "source_line").rows() == [
        ("retrait", "94080", "carnets", 2),
        ("ajout", "93066", "carnets", 2),
    ]


def test_a_use_annulled_cites_the_use_s_line(con: duckdb.DuckDBPyConnection) -> None:
    add(con, "opening", **used("94080"))
    assert moved(con).select("way", "source_file_id", "source_line").rows() == [("retrait", "uses", 7)]


def test_an_older_file_that_arrives_late_makes_no_new_payment(con: duckdb.DuckDBPyConnection) -> None:
    """The first version that bears the payment is another one; the payment is the same, and nothing is booked."""
    add(con, "opening", **paid("U1|december|2"))
    add(con, "operation", **paid("U1|november|5"))
    assert moved(con).is_empty()


def test_a_second_payment_of_the_same_use_is_booked(con: duckdb.DuckDBPyConnection) -> None:
    add(con, "opening", **paid("U1|december|2"))
    add(con, "operation", **paid("U1|november|5"))
    add(con, "operation", **paid("U1|march|5", reference="CP-BIS", day=date(2021, 10, 1)))
    assert moved(con).select("way", "reference").rows() == [("ajout", "CP-BIS")]


def test_a_receivable_whose_reference_is_completed_moves_to_it(con: duckdb.DuckDBPyConnection) -> None:
    """Receivables are kept by lieu and reference: none stays open under a reference nothing bears any more."""
    owed = paid("U1|december|2", family="receivable", nature="trop_percu")
    add(con, "opening", **owed | {"reference": None})
    add(con, "operation", **owed)
    assert moved(con).select("way", "reference").rows() == [("retrait", None), ("ajout", "CP")]


def test_data_that_end_before_the_closed_year_are_not_compared_with_it() -> None:
    """An older version published again is not a year undone: nothing is read of what has come since."""
    version: Any = SimpleNamespace(as_of=date(2021, 6, 30), path=Path("nowhere"))
    since = learnt_since(version, {2021: CLOSING}, 2021)
    assert (since.stops_on, since.bookings) == (date(2021, 6, 30), ())


def test_an_edition_that_was_touched_is_not_answered(tmp_path: Path) -> None:
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"  # of « x »
    edition = Edition(1, tmp_path, {"fichiers": {"balance.csv": {"sha256": digest}}})
    closing = Closing(2021, edition, Path(), "")
    (tmp_path / "balance.csv").write_text("x", encoding="utf-8")
    _must_be_intact(closing)
    (tmp_path / "balance.csv").write_text("y", encoding="utf-8")
    with pytest.raises(PeriodError, match=r"n'est plus celle qui a été émise : balance\.csv"):
        _must_be_intact(closing)
    (tmp_path / "balance.csv").unlink()
    with pytest.raises(PeriodError, match="manque ou a été modifié"):
        _must_be_intact(closing)
