"""Where a build holds what is intermediate: in memory, or in a file that compresses it where there is too much.

Does not live here: that the tables are the same (tests/integration/golden/test_rules.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from warehouse.build.candidate import (
    IN_MEMORY,
    LINES_HELD_IN_MEMORY,
    MEMORY_CEILING_MB,
    MEMORY_VARIABLE,
    THREADS_VARIABLE,
    Candidate,
    default_memory_limit,
)
from warehouse.build.transform import NodeResult, TransformError, well_built


def candidate(lines: int) -> Candidate:
    return Candidate(
        "20261128T000000Z-aaaaaa", Path("/w"), date(2023, 12, 31), None, datetime(2026, 11, 28), 1, lines, "", 1
    )


@pytest.mark.parametrize(
    ("lines", "scratch"), [(LINES_HELD_IN_MEMORY, IN_MEMORY), (LINES_HELD_IN_MEMORY + 1, "/w/scratch.duckdb")]
)
def test_a_large_run_writes_what_is_intermediate_in_a_file_and_lets_it_go_all_the_same(
    lines: int, scratch: str
) -> None:
    told = candidate(lines).environment(keep_scratch=False)
    assert (told["PASSNUM_SCRATCH"], told["PASSNUM_LET_GO"]) == (scratch, "1")


def test_what_a_later_step_reads_is_in_a_file_and_stays() -> None:
    told = candidate(1).environment(keep_scratch=True)
    assert (told["PASSNUM_SCRATCH"], told["PASSNUM_LET_GO"]) == ("/w/scratch.duckdb", "0")


def test_only_a_large_run_may_take_half_of_a_large_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What groups of lines are made of does not spill: ten million carnets need more than the ceiling."""
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    monkeypatch.setattr("os.sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 24 * 10**9 // 4096)
    assert default_memory_limit(LINES_HELD_IN_MEMORY) == f"{MEMORY_CEILING_MB}MB"
    assert default_memory_limit(LINES_HELD_IN_MEMORY + 1) == "12000MB"


def test_what_reads_the_tables_has_the_memory_that_built_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks and fingerprints of ten million carnets took all that the machine had."""
    monkeypatch.setenv(MEMORY_VARIABLE, "100MB")
    monkeypatch.setenv(THREADS_VARIABLE, "1")
    with replace(candidate(1), folder=tmp_path).connect() as con:
        told = dict(con.execute("select name, value from duckdb_settings()").fetchall())
    assert (told["memory_limit"], told["threads"]) == ("95.3 MiB", "1")
    assert told["temp_directory"] == str(tmp_path / "tmp")


def test_too_little_memory_is_told_with_the_way_out() -> None:
    """In French, with the setting that mends it: not in DuckDB's words."""
    small = duckdb.connect(config={"memory_limit": "10MB", "threads": 1, "temp_directory": ""})
    with small as con, pytest.raises(duckdb.OutOfMemoryException) as found:
        con.execute("select arg_min({'n': n}, n) from range(3000000) as t(n) group by n").fetchall()
    node = NodeResult(
        "model.dim_person", "dim_person", "model", "error", 1.0, 0, f"Runtime\n  {found.value}", {}, "", ""
    )
    with pytest.raises(TransformError, match=r"« dim_person ».*mémoire permise.*PASSNUM_MEMORY_LIMIT") as told:
        well_built([node])
    assert "Out of" not in str(told.value)
