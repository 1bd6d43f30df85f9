"""The set of additive tables published together, as one flat list of cells and the sums that tie them.

Lives here: the cells, their sums and bounds, joining a publication to earlier ones. Does not live here: numbers
of a programme (reporting/figures), matrices (system.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Sum = tuple[str, tuple[str, ...]]
#: Σ coefficient × cell ≤ 0.
Limit = tuple[tuple[str, float], ...]
_TOLERANCE = 1e-6


class TablesError(ValueError):
    """The cells do not satisfy their own sums or bounds: nothing can be protected with them."""


@dataclass(frozen=True)
class Tables:
    """Grain of `values`: one cell (any name) → its true value, zero or more.

    sums: (total, parts) that hold exactly. at_most: (smaller, larger), and limits: Σ coefficient × cell ≤ 0, that an
    outsider may suppose.
    counts: cells that count people (or that bound such a count): small ones are protected.
    published: cells this publication wants to show; the others are virtual (an outsider may compute them).
    known: cells shown by an earlier publication with this very value: they cannot be hidden any more.
    groups: cell → name of the mask it shares with others. costs: cell → reluctance to hide it (default 1).
    withheld: cells that an earlier publication withheld, and that must go on resisting.
    veiled: cells that may be nothing where they are withheld, the zeros among them. Any other zero is known to the
    outsider. follows: mask → those that are on wherever it is.
    """

    values: Mapping[str, float]
    sums: tuple[Sum, ...]
    counts: frozenset[str]
    published: frozenset[str]
    at_most: tuple[tuple[str, str], ...] = ()
    known: frozenset[str] = frozenset()
    groups: Mapping[str, str] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    veiled: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    limits: tuple[Limit, ...] = ()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise TablesError where a value is negative, or a sum or bound does not hold for the true values."""
        for cell, value in self.values.items():
            if value < 0:
                raise TablesError(f"{cell} is negative ({value})")
        for total, parts in self.sums:
            gap = self.values[total] - sum(self.values[part] for part in parts)
            if abs(gap) > _TOLERANCE:
                raise TablesError(f"{total} differs from the sum of its {len(parts)} parts by {gap}")
        for small, large in self.at_most:
            if self.values[small] > self.values[large] + _TOLERANCE:
                raise TablesError(f"{small} is above {large}")
        for limit in self.limits:
            if sum(coefficient * self.values[cell] for cell, coefficient in limit) > _TOLERANCE:
                raise TablesError(f"the limit on {limit[0][0]} does not hold")

    def floors(self) -> dict[str, float]:
        """The least value a reader can think of for each cell, knowing its zeros alone.

        A zero is written: « s » means one at least, and a sum of three of them three. What a sum leaves to one cell,
        all others being zeros, is that cell's. A virtual cell, and one that is veiled, may be nothing.
        """
        written = (self.published | self.withheld) - self.veiled
        floors = {cell: min(1.0, value) if cell in written else 0.0 for cell, value in self.values.items()}
        moved = True
        while moved:
            moved = False
            for total, parts in self.sums:
                least = sum(floors[part] for part in parts)
                if least > floors[total]:
                    floors[total], moved = least, True
                elif len(parts) == 1 and floors[total] > least:
                    floors[parts[0]], moved = floors[total], True
            for small, large in self.at_most:
                if floors[small] > floors[large]:
                    floors[large], moved = floors[small], True
        return floors

    def group(self, cell: str) -> str:
        """The mask `cell` shares."""
        return self.groups.get(cell, cell)

    def primary(self, threshold: int) -> frozenset[str]:
        """Counts of people above zero and under the threshold, published or virtual."""
        return frozenset(cell for cell in self.counts if 0 < self.values[cell] < threshold)


def span(floor: float, threshold: int) -> tuple[float, float]:
    """The values of a small count that must all be possible: every one under the threshold from its floor up (one, or
    the number of « s » it is the sum of), threshold - 1 of them at least."""
    return floor, max(threshold - 1.0, floor + threshold - 2.0)


@dataclass(frozen=True)
class Earlier:
    """What an earlier publication held: every cell's value then, its sums, which cells were shown, which withheld.

    at_most, limits, veiled: as in Tables.
    """

    values: Mapping[str, float]
    sums: tuple[Sum, ...]
    shown: frozenset[str]
    hidden: frozenset[str] = frozenset()
    at_most: tuple[tuple[str, str], ...] = ()
    limits: tuple[Limit, ...] = ()
    veiled: frozenset[str] = frozenset()


def join(current: Tables, earlier: Iterable[Earlier]) -> Tables:
    """`current` with all that an outsider already holds.

    A cell whose value has not changed is one and the same cell in both publications, as if the outsider had been
    told that it did not change (the worst case); a corrected cell is a second cell, tied to the others by the sums
    of its own publication, and its former value goes on being protected.
    """
    values = dict(current.values)
    sums, at_most, limits = list(current.sums), list(current.at_most), list(current.limits)
    known, counts, withheld = set(current.known), set(current.counts), set(current.withheld)
    veiled, written = set(current.veiled), set()
    for publication in earlier:
        names = {
            cell: cell if cell not in current.values or current.values[cell] == value else f"{cell}={value:g}"
            for cell, value in publication.values.items()
        }
        clash = [c for c, v in publication.values.items() if names[c] == c and values.get(c, v) != v]
        names |= {cell: f"{cell}={publication.values[cell]:g}" for cell in clash}
        for cell, value in publication.values.items():
            values[names[cell]] = value
            if names[cell] not in current.values:
                counts.add(names[cell])
        sums += [(names[total], tuple(names[part] for part in parts)) for total, parts in publication.sums]
        at_most += [(names[small], names[large]) for small, large in publication.at_most]
        limits += [tuple((names[cell], factor) for cell, factor in limit) for limit in publication.limits]
        veiled |= {names[cell] for cell in publication.veiled}
        written |= {names[cell] for cell in publication.hidden - publication.veiled if publication.values[cell] > 0}
        known |= {names[cell] for cell in publication.shown}
        withheld |= {names[cell] for cell in publication.hidden}
    return Tables(
        values=values,
        sums=tuple(dict.fromkeys(sums)),
        counts=frozenset(counts),
        published=current.published,
        at_most=tuple(dict.fromkeys(at_most)),
        known=frozenset(known),
        groups=current.groups,
        costs=current.costs,
        veiled=frozenset(veiled - written),  # « s » once meant one at least
        withheld=frozenset(withheld - known),
        limits=tuple(dict.fromkeys(limits)),
        follows=current.follows,
    )
