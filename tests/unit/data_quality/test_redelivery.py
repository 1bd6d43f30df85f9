"""A delivery too rejected stops blocking once it is delivered again, mended: no person has to accept it.

Does not live here: the decision of a person (test_accepted_deliveries.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from data_quality.context import GateContext
from data_quality.gate import run_checks
from data_quality.registry import all_checks

CHECKS = [check for check in all_checks() if check.code in {"PN-401", "PN-405"}]
CONTEXT = GateContext(as_of=date(2023, 1, 31))


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """One delivery of a hundred lines, thirty of them rejected."""
    with duckdb.connect() as connection:
        connection.execute("create schema quality")
        connection.execute(
            "create table quality.delivered_file (file_id varchar, sha256 varchar, file_name varchar, dataset varchar, "
            "extract_date date, received_at timestamp, outcome varchar, lines_read bigint, lines_rejected bigint, "
            "reason varchar, personal_data_dropped varchar[])"
        )
        _deliver(connection, "bad", "utilisations_2023-01-31.csv")
        yield connection


def _deliver(
    con: duckdb.DuckDBPyConnection, file_id: str, name: str, day: int = 1, lines: int = 100, rejected: int = 30
) -> None:
    con.execute(
        "insert into quality.delivered_file "
        "values (?, ?, ?, 'utilisations', date '2023-01-31', ?, 'loaded', ?, ?, null, [])",
        [file_id, f"sha-{file_id}", name, f"2023-02-{day:02d}", lines, rejected],
    )


def _failing(con: duckdb.DuckDBPyConnection) -> dict[str, list[str | None]]:
    results = run_checks(con, CONTEXT, CHECKS)
    return {r.code: [failure["source_file_id"] for failure in r.failures] for r in results}


def test_it_blocks_while_nothing_takes_its_place(con: duckdb.DuckDBPyConnection) -> None:
    assert _failing(con) == {"PN-401": ["bad"], "PN-405": ["bad"]}


def test_the_same_file_mended_takes_its_place_whatever_its_folder_and_format(con: duckdb.DuckDBPyConnection) -> None:
    _deliver(con, "good", "corrections/Utilisations_2023-01-31.XLSX", day=3, rejected=1)
    assert _failing(con) == {"PN-401": [], "PN-405": []}


def test_the_same_fault_delivered_again_blocks_by_itself(con: duckdb.DuckDBPyConnection) -> None:
    _deliver(con, "again", "utilisations_2023-01-31.csv", day=3, rejected=29)
    assert _failing(con) == {"PN-401": ["again"], "PN-405": ["again"]}


@pytest.mark.parametrize(
    ("name", "day", "lines"),
    [
        # Half an export of the same date is not the other half.
        ("utilisations_93_2023-01-31.csv", 3, 500),
        # Fewer lines: what was rejected may be what is missing.
        ("utilisations_2023-01-31.csv", 3, 70),
        # Received before: the bad one is the newer.
        ("utilisations_2023-01-31.csv", 1, 100),
    ],
)
def test_another_file_does_not_hide_it(con: duckdb.DuckDBPyConnection, name: str, day: int, lines: int) -> None:
    _deliver(con, "other", name, day=day, lines=lines, rejected=0)
    assert _failing(con) == {"PN-401": ["bad"], "PN-405": ["bad"]}
