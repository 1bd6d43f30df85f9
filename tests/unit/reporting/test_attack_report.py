"""Where the attack report of an edition is kept. Its content is tried on issued editions (tests/integration)."""

from __future__ import annotations

from pathlib import Path

from reporting.figures.attack_report import next_number


def test_reports_are_numbered_by_their_own_period(tmp_path: Path) -> None:
    """A quarter of a year is not that year; a number is never given twice, though reports are erased one day."""
    for name in ("2022-T4-1", "2022-T4-2", "2022-3", "2022-10"):
        (tmp_path / name).mkdir()
    assert [next_number(tmp_path, period) for period in ("2022-T4", "2022", "2022-T3")] == [3, 11, 1]
