"""Where another engine holds the lines, it counts them and makes the tables judged: the verdicts are the same."""

from __future__ import annotations

from pathlib import Path

import duckdb

from data_quality.context import GateContext
from data_quality.expectations import LineCheck, TableCheck
from data_quality.gate import run_suites
from data_quality.registry import all_checks
from programme.config import load_programme
from warehouse.published.versions import current_path, read_version
from warehouse.settings import Home


def test_who_counts_changes_no_verdict_and_no_sentence(golden_home: Path) -> None:
    version = current_path(Home.at(golden_home))
    assert version is not None
    context = GateContext.of(load_programme(None), read_version(version).as_of, None)
    asked: list[str] = []
    with duckdb.connect(str(version), read_only=True) as con:
        expected = run_suites(con, context)

        def ask(sql: str):
            asked.append(sql)
            return con.execute(sql).to_arrow_table()

        assert run_suites(con, context, ask=ask) == expected
    checks = [check for check in all_checks() if not check.needs_previous]
    tables = {check.table.name for check in checks if isinstance(check, TableCheck)}
    # Every check of lines is counted there, every table judged is made there.
    assert len(asked) == sum(isinstance(check, LineCheck) for check in checks) + len(tables)


def test_no_table_that_another_engine_makes_holds_a_sentence() -> None:
    """A French sentence is written by DuckDB's macros, of units that fail: another engine has none of them."""
    tables = {check.table.name: check.table.sql for check in all_checks() if isinstance(check, TableCheck)}
    assert [name for name, sql in tables.items() if "fr_" in sql] == []
