"""A ratio is worth what its parts are: CPU of the command and of what it waited for, medians, and how floors moved."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.timing import CommandFailed, Cost, median, run_command, spread

HERE = Path(__file__).parent
BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_a_ratio_compares_each_measure_with_the_floor() -> None:
    assert Cost(12, 9, 600).over(Cost(6, 4.5, 300)) == {"cpu": 2, "wall": 2, "peak": 2}


def test_the_median_is_taken_measure_by_measure() -> None:
    """One slow turn moves neither the CPU nor the wall that are told."""
    assert median([Cost(1, 30, 5), Cost(3, 2, 4), Cost(2, 1, 9)]) == Cost(2, 2, 5)


def test_the_spread_tells_how_much_the_machine_moved() -> None:
    assert spread([Cost(9, 1), Cost(10, 1), Cost(12, 1)]) == (0.9, 1.2)


def test_the_cpu_of_a_command_holds_that_of_its_children() -> None:
    """A run that works in another process is not cheaper for it."""
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BURN!r}], check=True)"
    assert run_command([sys.executable, "-c", parent], cwd=HERE).cpu >= 0.3


def test_a_command_that_fails_is_no_measure() -> None:
    with pytest.raises(CommandFailed, match="no such figure"):
        run_command([sys.executable, "-c", "raise SystemExit('no such figure')"], cwd=HERE)
