"""What dbt is given to build with, by the size of the programme."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from warehouse.build.candidate import IN_MEMORY, LINES_HELD_IN_MEMORY, Candidate


def candidate(lines: int) -> Candidate:
    return Candidate(
        build_id="20221130T060000Z-1a2b3c",
        folder=Path("work"),
        as_of=date(2022, 11, 30),
        until=None,
        started_at=datetime(2022, 11, 30, 6),
        input_files=1,
        input_lines=lines,
        inputs_sha256="",
        process=1,
    )


@pytest.mark.parametrize("lines", [0, LINES_HELD_IN_MEMORY])
def test_intermediate_tables_are_held_in_memory(lines: int) -> None:
    assert candidate(lines).environment(keep_scratch=False)["PASSNUM_SCRATCH"] == IN_MEMORY


def test_those_of_a_large_programme_are_in_a_file() -> None:
    """A million carnets: eleven million lines. Held in memory, they left too little of it to `proof.line`."""
    made = candidate(LINES_HELD_IN_MEMORY + 1)
    assert made.environment(keep_scratch=False)["PASSNUM_SCRATCH"] == str(made.scratch)


def test_a_later_step_reads_them_in_a_file() -> None:
    made = candidate(1)
    assert made.environment()["PASSNUM_SCRATCH"] == str(made.scratch)
