"""The changes of the tables found so far, to be used again where they still hold.

Lives here: finding, without trying each of them, one that moves a cell far enough. Does not live here: looking for a
new one, or what is asked of it (choose.py).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np


class Pool:
    """Changes (one value a cell), in the order they were found, looked up by a cell that they move.

    Searches ask for one tens of thousands of times while later editions are protected: reading every change each time
    took most of their cost.
    """

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self._changes: list[np.ndarray] = []
        self._moved: list[np.ndarray] = []
        self._by_cell: dict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._changes)

    def add(self, change: np.ndarray) -> None:
        """Keep a change: its value for each cell of the system, 0 where it moves nothing."""
        moved = np.flatnonzero(change)
        for position in moved:
            self._by_cell[int(position)].append(len(self._changes))
        self._changes.append(change)
        self._moved.append(moved)

    def find(self, position: int, direction: int, least: float, unknown: np.ndarray) -> np.ndarray | None:
        """The first change that moves `position` by `least` (not 0) or more, and nothing but `unknown` cells."""
        for number in self._by_cell.get(position, ()):
            value = self._changes[number][position]
            enough = value >= least - self.tolerance if direction > 0 else value <= least + self.tolerance
            if enough and unknown[self._moved[number]].all():
                return self._changes[number]
        return None
