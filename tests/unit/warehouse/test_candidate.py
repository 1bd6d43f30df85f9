"""Where a build holds what is intermediate: in memory, or in a file that compresses it where there is too much.

Does not live here: that the tables are the same (tests/integration/golden/test_rules.py).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from warehouse.build.candidate import IN_MEMORY, LINES_HELD_IN_MEMORY, Candidate


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
