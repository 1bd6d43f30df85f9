"""The attack: how closely an outsider can compute each withheld cell from everything published.

Bounds by linear programming (HiGHS): all sums, all bounds, non-negativity; that counts are whole numbers is not
used. Does not live here: choosing what to hide (choose.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from reporting.suppression.system import Part, System
from reporting.suppression.tables import Tables


@dataclass(frozen=True)
class Interval:
    """The values of a cell that agree with everything published; `high` may be infinite."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def attack(tables: Tables, hidden: Iterable[str], targets: Iterable[str] | None = None) -> dict[str, Interval]:
    """The interval an outsider computes for each target (default: every hidden cell and every virtual count).

    The outsider holds every published cell that is not hidden, every known cell, and every zero.
    """
    system = System.of(tables)
    hidden = set(hidden)
    shown = (set(tables.published) - hidden) | set(tables.known)
    unknown = np.array([cell not in shown and tables.values[cell] > 0 for cell in system.cells])
    wanted = set(hidden | (tables.counts - tables.published) if targets is None else targets)
    found = {cell: Interval(tables.values[cell], tables.values[cell]) for cell in wanted}
    for part in system.parts(unknown):
        for column, position in enumerate(part.cells):
            cell = system.cells[position]
            if cell in wanted:
                found[cell] = Interval(_bound(part, column, 1.0), -_bound(part, column, -1.0))
    return found


def _bound(part: Part, column: int, sign: float) -> float:
    """The least value of sign × cell over the part."""
    objective = np.zeros(len(part.cells))
    objective[column] = sign
    solved = linprog(
        objective,
        A_eq=part.equal if part.equal.shape[0] else None,
        b_eq=part.right if part.equal.shape[0] else None,
        A_ub=part.less if part.less.shape[0] else None,
        b_ub=part.bound if part.less.shape[0] else None,
        bounds=(0, None),
        method="highs",
    )
    if solved.status == 3:
        return -np.inf
    if solved.status != 0:
        raise RuntimeError(f"the linear programme of the attack failed: {solved.message}")
    return float(solved.fun)
