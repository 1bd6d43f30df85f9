"""The attack: how closely an outsider can compute each withheld cell from everything published.

Bounds by linear programming (HiGHS): all sums, all bounds, non-negativity; that counts are whole numbers is not
used. Does not live here: choosing what to hide (choose.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
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

    The outsider holds every published cell that is not hidden, every known cell, and every zero that is not veiled.
    """
    system = System.of(tables)
    hidden = set(hidden)
    shown = (set(tables.published) - hidden) | set(tables.known)
    unknown = np.array(
        [cell not in shown and (tables.values[cell] > 0 or cell in tables.veiled) for cell in system.cells]
    )
    wanted = set(hidden | (tables.counts - tables.published) if targets is None else targets)
    found = {cell: Interval(tables.values[cell], tables.values[cell]) for cell in wanted}
    for part in system.parts(unknown):
        for column, position in enumerate(part.cells):
            cell = system.cells[position]
            if cell in wanted:
                found[cell] = Interval(_bound(part, column, 1.0), -_bound(part, column, -1.0))
    return found


def breaches(tables: Tables, hidden: Iterable[str], threshold: int) -> dict[str, Interval]:
    """The cells that the outsider of `attack` comes closer to than the rule allows; empty when the mask is enough.

    The rule (docs/petits-effectifs.md): [0, threshold - 1] inside the interval of every small count, published or
    virtual, and threshold - 1 of width for any other cell that is hidden, now or in an earlier edition. Linear
    programmes that move many cells at once clear most of them; the interval of each one left is computed.
    """
    system = System.of(tables)
    hidden = set(hidden)
    shown = (set(tables.published) - hidden) | set(tables.known)
    unknown = np.array(
        [cell not in shown and (tables.values[cell] > 0 or cell in tables.veiled) for cell in system.cells]
    )
    need, small = float(threshold - 1), tables.primary(threshold)
    left = {cell for cell in small if unknown[system.index[cell]]}
    wide = {cell for cell in (hidden | tables.withheld) - small if tables.values[cell] > 0}
    doubtful = {cell for cell in small - left if cell not in tables.known}
    for part in system.parts(unknown):
        names = [system.cells[position] for position in part.cells]
        asked = {column: need for column, name in enumerate(names) if name in left}
        asked |= {column: tables.values[name] + need for column, name in enumerate(names) if name in wide}
        doubtful |= {names[column] for column in _cannot_reach(part, asked)}
        doubtful |= {names[column] for column in _cannot_vanish(part, [c for c in asked if names[c] in left])}
    found = attack(tables, hidden, doubtful)
    slack = 1e-5
    return {
        cell: seen
        for cell, seen in found.items()
        if (cell in small and not (seen.low <= slack and seen.high >= need - slack))
        or (cell not in small and seen.width < need - slack)
    }


def _cannot_reach(part: Part, asked: dict[int, float]) -> set[int]:
    """Columns that no solution found lifts as high as asked: each programme lifts as many of them as it can."""
    left = dict(asked)
    while left:
        columns, aims = list(left), np.array(list(left.values()))
        size, count = len(part.cells), len(columns)
        lift = sparse.csr_array((-np.ones(count), (range(count), columns)), shape=(count, size))
        rows = [[lift, sparse.eye_array(count, format="csr")]] + ([[part.less, None]] if part.less.shape[0] else [])
        nothing = sparse.csr_array((part.equal.shape[0], count))
        solved = linprog(  # type: ignore[call-overload]
            np.concatenate([np.zeros(size), -1 / aims]),
            A_ub=sparse.block_array(rows, format="csr"),
            b_ub=np.concatenate([np.zeros(count), part.bound]),
            A_eq=sparse.hstack([part.equal, nothing], format="csr") if part.equal.shape[0] else None,
            b_eq=part.right if part.equal.shape[0] else None,
            bounds=[(0, None)] * size + [(0, aim) for aim in aims],
            method="highs",
        )
        done = [c for c, aim in left.items() if solved.status == 0 and solved.x[c] >= aim - 1e-6]
        if not done:
            break
        for column in done:
            del left[column]
    return set(left)


def _cannot_vanish(part: Part, columns: list[int]) -> set[int]:
    """Columns that no solution found brings to zero: each programme lowers the sum of those left."""
    left = set(columns)
    while left:
        objective = np.zeros(len(part.cells))
        objective[sorted(left)] = 1.0
        solved = _solve(part, objective)
        done = {c for c in left if solved.status == 0 and solved.x[c] <= 1e-6}
        if not done:
            break
        left -= done
    return left


def _bound(part: Part, column: int, sign: float) -> float:
    """The least value of sign × cell over the part."""
    objective = np.zeros(len(part.cells))
    objective[column] = sign
    solved = _solve(part, objective)
    if solved.status == 3:
        return -np.inf
    if solved.status != 0:
        raise RuntimeError(f"the linear programme of the attack failed: {solved.message}")
    return float(solved.fun)


def _solve(part: Part, objective: np.ndarray) -> Any:
    """The least value of `objective` over the part, as scipy gives it."""
    return linprog(  # type: ignore[call-overload]
        objective,
        A_eq=part.equal if part.equal.shape[0] else None,
        b_eq=part.right if part.equal.shape[0] else None,
        A_ub=part.less if part.less.shape[0] else None,
        b_ub=part.bound if part.less.shape[0] else None,
        bounds=(0, None),
        method="highs",
    )
