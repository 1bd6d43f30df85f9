"""The linear system of the tables, as sparse matrices. Does not live here: what is asked of it (choose, attack)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from reporting.suppression.tables import Tables


@dataclass(frozen=True)
class System:
    """equal @ x = 0 (one row a sum), less @ x <= 0 (one row a bound), x >= floor; `truth` satisfies all of them."""

    cells: list[str]
    index: dict[str, int]
    truth: np.ndarray
    equal: sparse.csr_array
    less: sparse.csr_array
    floor: np.ndarray

    @classmethod
    def of(cls, tables: Tables) -> System:
        """The system of `tables`, cells in alphabetical order: the same tables give the same matrices."""
        cells = sorted(tables.values)
        index = {cell: number for number, cell in enumerate(cells)}
        equal = [[(index[total], -1.0), *((index[part], 1.0) for part in parts)] for total, parts in tables.sums]
        less = [[(index[small], 1.0), (index[large], -1.0)] for small, large in tables.at_most]
        less += [[(index[cell], factor) for cell, factor in limit] for limit in tables.limits]
        truth = np.array([float(tables.values[cell]) for cell in cells])
        floors = tables.floors()
        floor = np.array([floors[cell] for cell in cells])
        return cls(cells, index, truth, _matrix(equal, len(cells)), _matrix(less, len(cells)), floor)

    @cached_property
    def rows(self) -> sparse.csc_array:
        """Sums and bounds, one above the other, by column: which row names which cell."""
        return sparse.vstack([self.equal, self.less], format="csc")

    def parts(self, unknown: np.ndarray) -> list[Part]:
        """The independent sub-systems of the unknown cells: what is known separates them."""
        equal = self.equal[:, unknown]
        less = self.less[:, unknown]
        labels = components(self.rows[:, unknown])
        where = np.flatnonzero(unknown)
        bound = np.asarray(-self.less[:, ~unknown] @ self.truth[~unknown]).ravel()
        right = np.asarray(-self.equal[:, ~unknown] @ self.truth[~unknown]).ravel()
        found = []
        for label in range(labels.max() + 1 if len(labels) else 0):
            inside = labels == label
            e, le = equal[:, inside], less[:, inside]
            e_rows, l_rows = np.diff(e.indptr) > 0, np.diff(le.indptr) > 0
            low = self.floor[where[inside]]
            found.append(Part(where[inside], e[e_rows], right[e_rows], le[l_rows], bound[l_rows], low))
        return found


@dataclass(frozen=True)
class Part:
    """One independent sub-system; `cells` are positions in it. equal @ x = right, less @ x <= bound, x >= low."""

    cells: np.ndarray
    equal: sparse.csr_array
    right: np.ndarray
    less: sparse.csr_array
    bound: np.ndarray
    low: np.ndarray


def components(rows: sparse.csc_array) -> np.ndarray:
    """The independent set of each cell (a column), numbered in the order of the cells: a row ties those it names.

    Cells and rows are the two sides of one graph, so that a long sum costs its length and not its square.
    """
    if not rows.shape[1]:
        return np.zeros(0, dtype=int)
    named = (rows != 0).astype(np.int8)  # type: ignore[attr-defined,comparison-overlap]
    graph = sparse.block_array([[None, named.T], [named, None]], format="csr")
    return sparse.csgraph.connected_components(graph, directed=False)[1][: rows.shape[1]]


def _matrix(rows: list[list[tuple[int, float]]], width: int) -> sparse.csr_array:
    entries = [(row, column, value) for row, items in enumerate(rows) for column, value in items]
    if not entries:
        return sparse.csr_array((len(rows), width))
    i, j, v = zip(*entries, strict=True)
    return sparse.csr_array((v, (i, j)), shape=(len(rows), width))
