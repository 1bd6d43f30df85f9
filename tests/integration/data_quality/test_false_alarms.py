"""A clean simulated programme raises no alarm, at its end nor on the way: three seeds here.

`python -m tests.integration.data_quality.building 1 20 500` does the same for twenty.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.integration.data_quality.building import alarms_of, build, find_alarms
from warehouse.settings import Home


@pytest.mark.parametrize(("seed", "carnets"), [pytest.param(9, 60, marks=pytest.mark.exhaustive), (5, 1000)])
def test_a_clean_programme_raises_no_alarm(tmp_path: Path, seed: int, carnets: int) -> None:
    """Every check holds, and none is an error: a very small one, a larger one."""
    assert find_alarms(tmp_path, carnets=carnets, seed=seed, moments=()) == []


def test_nor_in_the_middle_of_its_life_nor_against_it(clean_home: Home, clean: Path, tmp_path: Path) -> None:
    """The programme in which the defects are planted: what is caught then is not there before."""
    day = "2022-01-31"
    middle = build(clean_home, tmp_path / "middle.duckdb", until=date.fromisoformat(day))
    assert alarms_of([(day, middle), ("fin", clean)]) == []
