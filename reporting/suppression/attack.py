"""The attack: how closely an outsider can compute each withheld cell from everything published.

Bounds by linear programming (HiGHS): all sums, all bounds, and what « s » says where a zero would be written, one at
least; that counts are whole numbers is not used otherwise. Does not live here: choosing what to hide (choose.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from reporting.suppression.system import Part, System
from reporting.suppression.tables import Tables, span

#: A cell is bounded by this, far over any count, so that every programme ends; half of it is without a bound.
_ENDLESS = 1e7


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
        names = [system.cells[position] for position in part.cells]
        columns = [column for column, name in enumerate(names) if name in wanted]
        if columns:
            found |= {names[column]: seen for column, seen in _intervals(part, columns).items()}
    return found


def _intervals(part: Part, columns: list[int]) -> dict[int, Interval]:
    """The interval of each column. Two cells that one sum ties, all else in it known, have one interval between them;
    and a solution that takes a cell to its floor shows that nothing is lower."""
    loaded, tied = _Loaded(part), _ties(part)
    lowest = set(columns) - _cannot_vanish(part, columns)
    found: dict[int, Interval] = {}
    for column in columns:
        if column in found:
            continue
        low = part.low[column] if column in lowest else loaded.least(column, 1.0)
        found[column] = Interval(float(low), -loaded.least(column, -1.0))
        waiting = [column]
        while waiting:
            one = waiting.pop()
            for other, factor, constant in tied.get(one, ()):
                if other not in found:
                    ends = (constant + factor * found[one].low, constant + factor * found[one].high)
                    found[other] = Interval(min(ends), max(ends))
                    waiting.append(other)
    return {column: found[column] for column in columns}


def _ties(part: Part) -> dict[int, list[tuple[int, float, float]]]:
    """Column → (other, factor, constant) of each sum with those two unknown: other = constant + factor × column."""
    ties: dict[int, list[tuple[int, float, float]]] = defaultdict(list)
    rows = part.equal
    for row in np.flatnonzero(np.diff(rows.indptr) == 2):
        (a, b), (x, y) = (items[rows.indptr[row] : rows.indptr[row + 1]] for items in (rows.indices, rows.data))
        ties[int(a)].append((int(b), -x / y, part.right[row] / y))
        ties[int(b)].append((int(a), -y / x, part.right[row] / x))
    return ties


def breaches(
    tables: Tables,
    hidden: Iterable[str],
    threshold: int,
    known: Mapping[str, Interval] | None = None,
    only: Collection[str] | None = None,
) -> dict[str, Interval]:
    """The cells that the outsider of `attack` comes closer to than the rule allows; empty when the mask is enough.

    The rule (docs/petits-effectifs.md): `span` inside the interval of every small count, published or virtual, and as
    many values (a width of threshold - 2) for any other cell that is hidden, now or in an earlier edition. Linear
    programmes that move many cells at once clear most of them; the interval of each one left is computed. known:
    intervals that `attack` gave for this very mask. only: the cells that are looked at, where not all are.
    """
    known = known or {}
    system = System.of(tables)
    hidden = set(hidden)
    shown = (set(tables.published) - hidden) | set(tables.known)
    unknown = np.array(
        [cell not in shown and (tables.values[cell] > 0 or cell in tables.veiled) for cell in system.cells]
    )
    need, small = float(threshold - 2), tables.primary(threshold)
    left = {cell for cell in small if unknown[system.index[cell]]}
    wide = {cell for cell in (hidden | tables.withheld) - small if tables.values[cell] > 0}
    if only is not None:
        small, left, wide = small & set(only), left & set(only), wide & set(only)
    found = {cell: seen for cell, seen in known.items() if cell in wide or cell in small}
    doubtful = {cell for cell in small - left if cell not in tables.known}
    left, wide = left - found.keys(), wide - found.keys()
    for part in system.parts(unknown):
        names = [system.cells[position] for position in part.cells]
        asked = {column: span(part.low[column], threshold)[1] for column, name in enumerate(names) if name in left}
        asked |= {column: tables.values[name] + need for column, name in enumerate(names) if name in wide}
        doubtful |= {names[column] for column in _cannot_reach(part, asked)}
        doubtful |= {names[column] for column in _cannot_vanish(part, [c for c in asked if names[c] in left])}
    found |= attack(tables, hidden, doubtful - found.keys())
    slack = 1e-5
    wanted = {cell: span(system.floor[system.index[cell]], threshold) for cell in found if cell in small}
    high = [cell for cell in wanted if found[cell].low > wanted[cell][0] + slack]
    if high:  # what zeros alone leave, with nothing shown
        bare = replace(tables, known=frozenset(), withheld=tables.withheld | tables.known)
        wanted |= {c: span(seen.low, threshold) for c, seen in attack(bare, tables.published, high).items()}
    return {
        cell: seen
        for cell, seen in found.items()
        if (cell in small and not _covers(seen, wanted[cell], slack))
        or (cell not in small and seen.width < need - slack)
    }


def _covers(seen: Interval, wanted: tuple[float, float], slack: float) -> bool:
    return seen.low <= wanted[0] + slack and seen.high >= wanted[1] - slack


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
            bounds=[(low, None) for low in part.low] + [(0, aim) for aim in aims],
            method="highs",
        )
        done = [c for c, aim in left.items() if solved.status == 0 and solved.x[c] >= aim - 1e-6]
        if not done:
            break
        for column in done:
            del left[column]
    return set(left)


def _cannot_vanish(part: Part, columns: list[int]) -> set[int]:
    """Columns that no solution found brings to their floor: each programme lowers the sum of those left."""
    left = set(columns)
    while left:
        objective = np.zeros(len(part.cells))
        objective[sorted(left)] = 1.0
        solved = _solve(part, objective)
        done = {c for c in left if solved.status == 0 and solved.x[c] <= part.low[c] + 1e-6}
        if not done:
            break
        left -= done
    return left


class _Loaded:
    """One part kept in HiGHS from one bound to the next: each programme starts where the last one ended."""

    def __init__(self, part: Part) -> None:
        size = len(part.cells)
        rows = sparse.vstack([part.equal, part.less], format="csc")
        self.rows, self.low = rows.shape[0], part.low
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = size, self.rows
        problem.col_lower_, problem.col_upper_ = part.low, np.full(size, _ENDLESS)
        problem.col_cost_ = np.zeros(size)
        problem.row_lower_ = np.concatenate([part.right, np.full(len(part.bound), -highspy.kHighsInf)])
        problem.row_upper_ = np.concatenate([part.right, part.bound])
        problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        problem.a_matrix_.start_, problem.a_matrix_.index_ = rows.indptr, rows.indices
        problem.a_matrix_.value_ = rows.data
        self.highs = highspy._Highs()  # type: ignore[attr-defined]  # highspy.Highs prints a banner
        # 4: primal simplex. Only prices change, so that the last solution is a place to start from.
        for option, value in (("output_flag", False), ("threads", 1), ("simplex_strategy", 4)):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(problem)

    def least(self, column: int, sign: float) -> float:
        """The least value of sign × cell; -inf where nothing bounds it."""
        if not self.rows:  # HiGHS solves no model without a row
            return self.low[column] if sign > 0 else -np.inf
        self.highs.changeColCost(column, sign)
        self.highs.run()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            # The last solution may lead nowhere (kUnknown): without any, it does not.
            self.highs.clearSolver()
            self.highs.run()
        status, value = self.highs.getModelStatus(), self.highs.getInfo().objective_function_value
        self.highs.changeColCost(column, 0.0)
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the linear programme of the attack failed: {status}")
        return float(value) if value > -_ENDLESS / 2 else -np.inf


def _solve(part: Part, objective: np.ndarray) -> Any:
    """The least value of `objective` over the part, as scipy gives it."""
    return linprog(  # type: ignore[call-overload]
        objective,
        A_eq=part.equal if part.equal.shape[0] else None,
        b_eq=part.right if part.equal.shape[0] else None,
        A_ub=part.less if part.less.shape[0] else None,
        b_ub=part.bound if part.less.shape[0] else None,
        bounds=[(low, None) for low in part.low],
        method="highs",
    )
