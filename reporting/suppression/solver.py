"""The linear programmes of the protection, kept loaded in HiGHS from one to the next.

Only bounds and prices differ between two of them, so each starts where the last one ended: several times faster than
handing the whole of it over again. Lives here: changes of the tables, their prices and limits. Does not live here:
what is asked of them (choose.py), the attack, which shares nothing with it (attack.py).
"""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

_EPSILON = 1e-6
_BIG = 1e4
#: Price of a change of a cell that is withheld already: next to nothing, but the smaller change is the better one.
_FREE = 1e-4
#: What tells something: a solution, or that there is none.
_ANSWERED = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)


class SolverError(RuntimeError):
    """HiGHS gave neither a solution nor a proof that there is none."""


class Changes:
    """Changes x of one independent part of the tables: equal @ x = 0, less @ x <= slack, x >= -room.

    Each cell is two columns, up and down. Cells that are not allowed to move are held at 0.
    """

    def __init__(
        self, equal: sparse.csr_array, less: sparse.csr_array, slack: np.ndarray, truth: np.ndarray, room: np.ndarray
    ) -> None:
        self.size = len(truth)
        self.truth, self.room = truth, room
        rows = sparse.vstack([equal, less], format="csc")
        matrix = sparse.hstack([rows, -rows], format="csc")
        problem = highspy.HighsLp()
        problem.num_col_, problem.num_row_ = 2 * self.size, matrix.shape[0]
        self.low, self.high, self.price = (np.zeros(2 * self.size) for _ in range(3))
        problem.col_lower_, problem.col_upper_, problem.col_cost_ = self.low, self.high, self.price
        problem.row_lower_ = np.concatenate([np.zeros(equal.shape[0]), np.full(less.shape[0], -highspy.kHighsInf)])
        problem.row_upper_ = np.concatenate([np.zeros(equal.shape[0]), slack])
        problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        problem.a_matrix_.start_, problem.a_matrix_.index_ = matrix.indptr, matrix.indices
        problem.a_matrix_.value_ = matrix.data
        # The solver without the modelling layer of highspy.Highs, whose constructor prints a banner.
        self.highs = highspy._Highs()  # type: ignore[attr-defined]
        for option, value in (("output_flag", False), ("threads", 1)):
            self.highs.setOptionValue(option, value)
        self.highs.passModel(problem)

    def cheapest(self, column: int, change: float, allowed: np.ndarray, price: np.ndarray) -> np.ndarray | None:
        """The cheapest change that moves `column` by `change`; None when there is none."""
        low, high = self._limits(allowed)
        ahead, back = (column, self.size + column) if change >= 0 else (self.size + column, column)
        low[ahead] = high[ahead] = abs(change)
        high[back] = 0.0
        price = np.maximum(price, _FREE)
        return self._solve(low, high, np.concatenate([price, price]))

    def furthest(self, column: int, most: float, allowed: np.ndarray) -> float:
        """How far `column` can go, up (or down, where negative) to `most`."""
        low, high = self._limits(allowed)
        ahead, back = (column, self.size + column) if most >= 0 else (self.size + column, column)
        high[ahead], high[back] = abs(most), 0.0
        price = np.zeros(2 * self.size)
        price[ahead] = -1.0
        found = self._solve(low, high, price)
        return 0.0 if found is None else float(found[column])

    def move_many(self, columns: np.ndarray, changes: np.ndarray, allowed: np.ndarray) -> np.ndarray:
        """A change that moves as many of `columns` as it can by `changes` (not 0, all of one sign)."""
        low, high = self._limits(allowed)
        ahead, back = (columns, self.size + columns) if changes[0] > 0 else (self.size + columns, columns)
        high[ahead] = np.abs(changes)
        price = np.full(2 * self.size, 1e-7)
        price[ahead] = -1 / np.maximum(np.abs(changes), 1)
        price[back] = -price[ahead]
        found = self._solve(low, high, price)
        return np.zeros(self.size) if found is None else found

    def _limits(self, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        up = np.where(allowed, np.maximum(_BIG, self.truth), 0.0)
        down = np.where(allowed, self.room, 0.0)
        return np.zeros(2 * self.size), np.concatenate([up, down])

    def _solve(self, low: np.ndarray, high: np.ndarray, price: np.ndarray) -> np.ndarray | None:
        moved = np.flatnonzero((low != self.low) | (high != self.high)).astype(np.int32)
        if len(moved):
            self.highs.changeColsBounds(len(moved), moved, low[moved], high[moved])
        priced = np.flatnonzero(price != self.price).astype(np.int32)
        if len(priced):
            self.highs.changeColsCost(len(priced), priced, price[priced])
        self.low, self.high, self.price = low, high, price
        self.highs.run()
        status = self.highs.getModelStatus()
        if status not in _ANSWERED:
            # The basis of the programme before may lead nowhere (kUnknown): without any, it does not.
            self.highs.clearSolver()
            self.highs.run()
            status = self.highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"the linear programme of the protection failed: {status}")
        values = np.array(self.highs.getSolution().col_value)
        found = values[: self.size] - values[self.size :]
        found[np.abs(found) < _EPSILON] = 0.0
        return found
