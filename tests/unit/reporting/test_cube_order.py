"""The cube of a version is one: neither the order of rows nor a programme that HiGHS gives up changes or stops it."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import polars as pl
import pytest
from scipy import sparse

from reporting.cube import facts
from reporting.cube.people import waiting
from reporting.cube.system import _part, tables
from reporting.suppression.solver import Changes, SolverError

CELLS = pl.DataFrame({"cell": ["all", "a", "b", "c"], "value": [30.0, 12.0, 11.0, 4.0]})
SUMS = pl.DataFrame({"total": ["all"] * 3, "part": ["a", "b", "c"]})


def test_rows_in_another_order_make_the_same_tables() -> None:
    """The search reads cells in their order: another order is another mask, and two masks of one version subtract."""
    first, again = (_part("test", cells, sums) for cells, sums in ((CELLS, SUMS), (CELLS.reverse(), SUMS.reverse())))
    assert first.cells.equals(again.cells)
    assert first.sums.equals(again.sums)
    made = [tables(part, frozenset(), frozenset()) for part in (first, again)]
    assert [list(one.values) for one in made] == [list(made[0].values)] * 2
    assert made[0].sums == made[1].sums


def test_hours_are_added_in_one_order() -> None:
    rows = pl.DataFrame({"value": [0.1, 0.2, 0.3, 1e16, -1e16]}).with_columns(
        kind=pl.lit("lieu"), place=pl.lit("p"), span=pl.lit("tout"), measure=pl.lit("hours"), carrier=pl.lit("used")
    )
    totals = {facts.added(rows.sample(fraction=1.0, shuffle=True, seed=seed))["value"][0] for seed in range(8)}
    assert len(totals) == 1


def test_who_waits_is_equipped_less_trained() -> None:
    """By answer, and in all those identified: nobody anonymous was equipped. None where more are trained."""
    rows = [("equipped", "gender=femme", 20.0), ("reached", "gender=femme", 17.0), ("equipped", "gender=homme", 5.0),
            ("reached", "gender=homme", 6.0), ("equipped", "tout", 25.0), ("identified", "tout", 23.0),
            ("reached", "tout", 30.0)]  # fmt: skip
    cells = pl.DataFrame(rows, schema=["carrier", "span", "value"], orient="row").select(
        pl.lit("programme").alias("kind"), pl.lit("").alias("place"), "span",
        cell=pl.concat_str("carrier", pl.lit("|programme||"), "span"), value="value",
    )  # fmt: skip
    assert dict(waiting(cells).rows()) == {"waiting|programme||gender=femme": 3.0, "waiting|programme||tout": 2.0}


class _GivesUp:
    """HiGHS, which gives up `times` times."""

    def __init__(self, highs: Any, times: int) -> None:
        self.highs, self.times = highs, times

    def getModelStatus(self) -> highspy.HighsModelStatus:
        self.times -= 1
        return highspy.HighsModelStatus.kUnknown if self.times >= 0 else self.highs.getModelStatus()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.highs, name)


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_programme_given_up_is_begun_again(times: int) -> None:
    """From no basis; a page that opens must not fail on it. Given up again, it is said: nothing is shown."""
    equal = sparse.csr_array(np.array([[1.0, -1.0, -1.0]]))
    changes = Changes(
        equal, sparse.csr_array((0, 3)), np.zeros(0), np.array([9.0, 5.0, 4.0]), np.array([9.0, 5.0, 4.0])
    )
    changes.highs = _GivesUp(changes.highs, times)
    allowed, price = np.ones(3, dtype=bool), np.ones(3)
    if times == 2:
        with pytest.raises(SolverError):
            changes.cheapest(1, 2.0, allowed, price)
    else:
        found = changes.cheapest(1, 2.0, allowed, price)
        assert found is not None
        assert found[1] == pytest.approx(2.0)
