"""No long file of tests is forgotten: CI runs each of them in its turn (tests/turns.py)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import turns

TESTS = Path(__file__).parents[1]
DAY = 739_000


def test_what_is_long_is_there() -> None:
    assert [file for file in {*turns.LONG, *turns.SLOW_UNITS} if not (TESTS / file).is_file()] == []


def test_each_long_file_has_its_day() -> None:
    """GROUPS days in a row run every long file once, whatever the first of them."""
    for first in range(DAY, DAY + turns.GROUPS):
        run = [file for day in range(first, first + turns.GROUPS) for file in turns.turn(day)]
        assert sorted(run) == sorted(turns.LONG)


def test_a_day_costs_as_much_as_another() -> None:
    costs = [sum(turns.LONG[file] for file in turns.turn(day)) for day in range(turns.GROUPS)]
    assert max(costs) < 1.2 * min(costs)


def test_what_is_left_out() -> None:
    assert turns.left_out("all", DAY) == frozenset()
    assert turns.left_out("short", DAY) == frozenset(turns.LONG) | turns.SLOW_UNITS
    assert turns.left_out("turn", DAY) == frozenset(turns.LONG) - turns.turn(DAY) != frozenset(turns.LONG)


def test_ci_runs_every_unit_test() -> None:
    assert [file for file in turns.left_out("turn", DAY) if file.startswith("unit/")] == []


def test_midnight_does_not_part_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is asked once, by the first process; the others are told."""
    monkeypatch.setenv("PASSNUM_TESTS_DAY", str(DAY))
    assert turns.today() == DAY
