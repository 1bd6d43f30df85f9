"""Which cells to withhold: small counts, and the fewest others that keep them from being computed back.

The rule (docs/petits-effectifs.md). A cell is *primary* when it counts people, 0 < count < threshold. What an
outsider computes for it must contain every value under the threshold that the published zeros leave (tables.span);
any other cell that is hidden must keep as many possible values, threshold - 1 (a width of threshold - 2). Method:
for each cell and direction, the cheapest change of the tables that keeps every sum (a linear programme, after Kelly,
Golden and Assad, 1992); the published cells it moves are hidden. That change is kept as the cell's *witness*: proof
that the outsider cannot exclude it. A last pass publishes again each cell no witness needs, or whose witnesses find
another way.

Does not live here: the attack (attack.py), which shares none of this reasoning and audits the result.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from reporting.suppression.mask import Mask
from reporting.suppression.pool import Pool
from reporting.suppression.solver import Changes
from reporting.suppression.system import System, components
from reporting.suppression.tables import Tables, span

_EPSILON = 1e-6
# Linear programmes that the last pass, which only shows cells again, may ask for: dearest groups first, then it stops.
# Of ten editions of 38,000 carnets most reach it (docs/petits-effectifs.md): past it, a part in a thousand is gained.
_LAST_PASS_PROGRAMMES = 100


def protect(
    tables: Tables,
    threshold: int,
    hidden_before: frozenset[str] = frozenset(),
    proved: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> Mask:
    """The cells to withhold. Deterministic: the same tables and the same past give the same mask.

    proved: cells held with this value when an earlier edition was protected, with this threshold or a higher one.
    Where no new cell touches a set of them, it is as safe as it was then and is not proved again.

    hidden_before: cells withheld in an earlier edition: they stay withheld, so that the mask is stable.

    only: the cells to look after, with those withheld for them; the others are known to be safe with `hidden_before`
    withheld, and are no less so with more (mend.py). Default: all.
    Raises TablesError when the values do not satisfy their own sums.
    """
    tables.check()
    return _Search(tables, threshold, hidden_before, proved, only).run()


class _Search:
    """The state of one search: which cells are unknown to the outsider, and the witnesses found so far."""

    def __init__(
        self,
        tables: Tables,
        threshold: int,
        hidden_before: frozenset[str],
        proved: frozenset[str],
        only: frozenset[str] | None,
    ) -> None:
        self.tables = tables
        self.threshold = threshold
        self.system = System.of(tables)
        # The width of a cell that is hidden for another: as many values as a small count has.
        self.need = float(threshold - 2)
        self.primary = tables.primary(threshold)
        size = len(self.system.cells)
        truth = self.system.truth
        known = np.array([cell in tables.known for cell in self.system.cells], dtype=bool)
        veiled = np.array([cell in tables.veiled for cell in self.system.cells], dtype=bool)
        self.fixed, self.veiled = known | ((truth == 0) & ~veiled), veiled
        published = np.array([cell in tables.published for cell in self.system.cells], dtype=bool)
        self.unknown = ~published & ~self.fixed
        self.published = published & ~self.fixed
        self.withheld = np.array([cell in tables.withheld for cell in self.system.cells], dtype=bool)
        self.cost = np.array([tables.costs.get(cell, 1.0) for cell in self.system.cells])
        self.proved = np.array([cell in proved for cell in self.system.cells], dtype=bool)
        self.kept = {tables.group(cell) for cell in hidden_before}
        self.named = (self.system.equal != 0).astype(np.int64).tocsr()  # type: ignore[attr-defined,comparison-overlap]
        self.columns = self.named.tocsc()
        self.members: dict[str, list[int]] = {}
        for position in np.flatnonzero(self.published):
            self.members.setdefault(tables.group(self.system.cells[position]), []).append(int(position))
        self.witnesses: dict[tuple[int, int], np.ndarray] = {}
        self.pool = Pool(_EPSILON)
        safe = (hidden_before | tables.withheld | self.primary) - only if only is not None else frozenset()
        self.settled = np.array([cell in safe for cell in self.system.cells], dtype=bool)
        self.exposed: set[str] = set()
        self.programmes = 0  # linear programmes solved so far
        self.near: tuple[bytes, np.ndarray] | None = None
        # Parts of the whole system that share no row: a change in one never needs the others.
        labels = components(self.system.rows)
        self.scope = [np.flatnonzero(labels == label) for label in range(labels.max() + 1 if size else 0)]
        self.label = labels
        self.solvers: dict[tuple[int, str], Changes] = {}

    def _neighbourhoods(self) -> np.ndarray:
        """The independent set of unknown cells each cell belongs to, -1 for what the outsider knows."""
        state = self.unknown.tobytes()
        if self.near is None or self.near[0] != state:
            labels = np.full(len(self.unknown), -1)
            where = np.flatnonzero(self.unknown)
            labels[where] = components(self.system.rows[:, where])
            self.near = (state, labels)
        return self.near[1]

    def _untouched(self) -> np.ndarray:
        """Unknown cells whose independent set holds nothing new and meets no cell that this publication may show."""
        near = self._neighbourhoods()
        named = (self.system.rows != 0).astype(float)  # type: ignore[attr-defined,comparison-overlap]
        touched = named[named @ self.published.astype(float) > 0].sum(axis=0) > 0
        return (near >= 0) & ~np.isin(near, np.unique(near[(near >= 0) & (touched | ~self.proved)]))

    def run(self) -> Mask:
        cells, truth = self.system.cells, self.system.truth
        targets = sorted((self.system.index[c] for c in self.primary), key=lambda i: (truth[i], cells[i]))
        if self.proved.any():
            self.settled |= self._untouched()
        targets = [position for position in targets if not self.settled[position]]
        for position in targets:
            if self.published[position]:
                self._hide(self.tables.group(cells[position]))
        for group in sorted(self.kept & self.members.keys()):
            self._hide(group)
        self._hide_what_sums_give(targets)
        while True:
            before = int(self.unknown.sum())
            self._settle(
                [(p, d, c) for p in [*targets, *self._complementary(set(targets))] for d, c in self._demands(p)]
            )
            for position in targets:
                self._secure(position)
            for position in self._complementary(set(targets)):
                self._secure(position)
            if int(self.unknown.sum()) == before:
                break
        self._publish_again(set(targets))
        hidden = frozenset(cells[i] for i in np.flatnonzero(self.unknown & self.published))
        return Mask.of(hidden, self.primary, frozenset(self.exposed), self.programmes)

    def _complementary(self, targets: set[int]) -> list[int]:
        """Hidden cells that are no target, now or in an earlier edition; a veiled zero needs no protection."""
        hidden = self.unknown & (self.published | self.withheld) & ~self.settled & (self.system.truth > 0)
        return [int(i) for i in np.flatnonzero(hidden) if int(i) not in targets]

    def _hide(self, group: str) -> None:
        """Withhold a mask, and those that follow it."""
        members = self.members.get(group, [])
        if not self.unknown[members].all():
            self.unknown[members] = True
            for other in self.tables.follows.get(group, ()):
                self._hide(other)

    def _hide_what_sums_give(self, targets: list[int]) -> None:
        """Hide the cheapest other cell of a sum that alone gives a small count that is not published."""
        virtual = {position for position in targets if not self.published[position]}
        for row, position in self._given(self.unknown).items():
            members = self.named.indices[self.named.indptr[row] : self.named.indptr[row + 1]]
            if position not in virtual or self.unknown[members].sum() > 1:  # hidden meanwhile for another
                continue
            groups = {self.tables.group(self.system.cells[i]) for i in members if i != position and self.published[i]}
            if groups:
                self._hide(min(groups, key=lambda name: (self._price(name), name)))

    def _given(self, unknown: np.ndarray, rows: np.ndarray | None = None) -> dict[int, int]:
        """The sums with one unknown cell, which they give: row → cell."""
        named = self.named if rows is None else self.named[rows]
        alone = np.flatnonzero(named @ unknown.astype(np.int64) == 1)
        found = {}
        for row in alone:
            cells = named.indices[named.indptr[row] : named.indptr[row + 1]]
            found[int(row if rows is None else rows[row])] = int(cells[unknown[cells]][0])
        return found

    def _price(self, group: str) -> float:
        return float(sum(self.cost[i] for i in self.members[group]))

    def _demands(self, position: int) -> list[tuple[int, float]]:
        """(direction, least change) that the rule asks of a cell: both ways for a primary one."""
        value = self.system.truth[position]
        if self.system.cells[position] in self.primary:
            low, high = span(self.system.floor[position], self.threshold)
            return [(way, change) for way, change in ((1, high - value), (-1, low - value)) if way * change > 0]
        return [(1, self.need)]

    def _secure(self, position: int) -> None:
        """Give the cell its witnesses, hiding what they move."""
        for direction, change in self._demands(position):
            if (position, direction) in self.witnesses or self._already_seen(position, direction, change):
                continue
            witness = self._cheapest(position, change)
            if witness is None and direction < 0 and (least := self._structural(position, change)) > change + _EPSILON:
                # Its floor is higher than its own zeros say, so that what is asked of it starts, and ends, higher.
                self.system.floor[position] += least - change
                self.witnesses.pop((position, 1), None)
                self._secure(position)
                return
            if witness is None:
                if not self._widen(position):
                    self.exposed.add(self.system.cells[position])
                continue
            self.witnesses[position, direction] = witness
            self.pool.add(witness)
            self._hide_moved(witness)

    def _hide_moved(self, witness: np.ndarray) -> set[str]:
        moved = np.flatnonzero((np.abs(witness) > _EPSILON) & self.published)
        groups = {self.tables.group(self.system.cells[i]) for i in moved}
        for group in groups:
            self._hide(group)
        return groups

    def _widen(self, position: int) -> bool:
        """Some of the width up and the rest down, for a complementary cell that known neighbours hold on both sides.

        What these two changes move stays hidden: _publish_again looks at one change a cell.
        """
        if self.system.cells[position] in self.primary:
            return False
        for up in (self.need / 2, self._furthest(position)):
            rise, fall = (self._change(position, change) for change in (up, up - self.need))
            if rise is None or fall is None:
                continue
            self.kept |= self._hide_moved(rise)
            self.kept |= self._hide_moved(fall)
            self.witnesses[position, 1] = rise
            self.kept.add(self.tables.group(self.system.cells[position]))
            return True
        return False

    def _structural(self, position: int, change: float) -> float:
        """How far down the cell goes when zeros alone are known: the sums may leave it no less."""
        part = int(self.label[position])
        scope = self.scope[part]
        self.programmes += 1
        column, free = int(np.searchsorted(scope, position)), (self.system.truth[scope] > 0) | self.veiled[scope]
        return self._solver(part, "zeros").furthest(column, change, free)

    def _furthest(self, position: int) -> float:
        part = int(self.label[position])
        allowed = self._movable(position, allow_new=True)
        self.programmes += 1
        column = int(np.searchsorted(self.scope[part], position))
        return self._solver(part, "new").furthest(column, self.need, allowed)

    def _cheapest(self, position: int, change: float) -> np.ndarray | None:
        """A change that hides nothing new where there is one, up or down for a complementary cell."""
        ways = [change] if self.system.cells[position] in self.primary else [change, -change]
        for allow_new in (False, True):
            for way in ways:
                witness = self._change(position, way, allow_new)
                if witness is not None:
                    return witness
        return None

    def _settle(self, demands: list[tuple[int, int, float]]) -> None:
        """Find witnesses for many demands at a time, hiding nothing: one linear programme moves all it can at once.

        Demands it cannot meet are left without a witness. It spares time only; the rule is _secure's.
        """
        near = self._neighbourhoods()
        while True:
            left = [
                (position, direction, change)
                for position, direction, change in demands
                if (position, direction) not in self.witnesses
                and near[position] >= 0
                and not self._already_seen(position, direction, change)
            ]
            sets = Counter((int(near[position]), direction) for position, direction, _ in left)
            if not any(count > 1 for count in sets.values()):
                return
            for (label, direction), count in sorted(sets.items()):
                if count > 1:
                    chosen = [(p, c) for p, d, c in left if d == direction and near[p] == label]
                    self.pool.add(self._move_many(np.flatnonzero(near == label), chosen))
            if not any(self._already_seen(*demand) for demand in left):
                return

    def _move_many(self, cells: np.ndarray, chosen: list[tuple[int, float]]) -> np.ndarray:
        """A change of one independent set of unknown cells that moves as many of `chosen` as far as asked."""
        part = int(self.label[cells[0]])
        scope = self.scope[part]
        columns = np.searchsorted(scope, [position for position, _ in chosen])
        changes = np.array([change for _, change in chosen])
        self.programmes += 1
        found = np.zeros(len(self.system.cells))
        found[scope] = self._solver(part, "many").move_many(columns, changes, np.isin(scope, cells))
        return found

    def _already_seen(self, position: int, direction: int, change: float) -> bool:
        """A change found for another cell may prove this one safe as well."""
        witness = self.pool.find(position, direction, change, self.unknown)
        if witness is None:
            return False
        self.witnesses[position, direction] = witness
        return True

    def _change(self, position: int, change: float, allow_new: bool = True) -> np.ndarray | None:
        """The cheapest change of the tables moving `position` by `change`; None when there is none.

        Unknown cells move for nothing, published ones at their cost, known cells and zeros not at all.
        """
        part = int(self.label[position])
        scope = self.scope[part]
        allowed = self._movable(position, allow_new)
        column = int(np.searchsorted(scope, position))
        if not allowed[column]:
            return None
        self.programmes += 1
        price = np.where(self.unknown[scope], 0.0, self.cost[scope])
        moved = self._solver(part, "new" if allow_new else "none").cheapest(column, change, allowed, price)
        if moved is None:
            return None
        found = np.zeros(len(self.system.cells))
        found[scope] = moved
        return found

    def _movable(self, position: int, allow_new: bool) -> np.ndarray:
        """The cells of the part of `position` that may move with it."""
        scope = self.scope[int(self.label[position])]
        if allow_new:
            return self.unknown[scope] | self.published[scope]
        near = self._neighbourhoods()
        return (near[scope] == near[position]) & (near[position] >= 0)

    def _solver(self, part: int, use: str) -> Changes:
        """The programme of one part and one use, loaded once: what is asked next is close to what was asked last."""
        if (part, use) not in self.solvers:
            scope = self.scope[part]
            equal, less = self.system.equal[:, scope], self.system.less[:, scope]
            equal, less = equal[np.diff(equal.indptr) > 0], less[np.diff(less.indptr) > 0]
            truth = self.system.truth[scope]
            room = truth - self.system.floor[scope]
            self.solvers[part, use] = Changes(equal, less, np.asarray(-less @ truth).ravel(), truth, room)
        return self.solvers[part, use]

    def _holds(self, position: int, direction: int) -> bool:
        """Whether the cell's witness moves nothing the outsider knows."""
        witness = self.witnesses.get((position, direction))
        return witness is not None and not np.any((witness != 0) & ~self.unknown)

    def _publish_again(self, targets: set[int]) -> None:
        """Show each complementary group again when every witness that moves it can do without, dearest first."""
        cells = self.system.cells
        groups = {self.tables.group(cells[i]) for i in self._complementary(targets)}
        groups &= self.members.keys()
        groups -= self.kept | {self.tables.group(cells[i]) for i in targets if self.published[i]}
        before = self.programmes
        for group in sorted(groups, key=lambda name: (-self._price(name), name)):
            if self.programmes - before >= _LAST_PASS_PROGRAMMES:
                break
            self._try_without(group, targets)

    def _would_give(self, members: list[int], targets: set[int]) -> bool:
        """Whether one sum alone would give a protected cell, were `members` shown: no programme need be asked."""
        without = self.unknown.copy()
        without[members] = False
        rows = np.unique(self.columns[:, members].indices)
        protected = (self.published | self.withheld) & (self.system.truth > 0)
        return any(i in targets or protected[i] for i in self._given(without, rows).values())

    def _try_without(self, group: str, targets: set[int]) -> None:
        members = self.members[group]
        if self._would_give(members, targets):
            return
        kept = dict(self.witnesses)
        for position in members:
            self.unknown[position] = False
        moved = [key for key, witness in kept.items() if key[0] not in members and np.any(witness[members] != 0)]
        if len(moved) > 5:
            for key in moved:
                del self.witnesses[key]
            self._settle([(p, d, dict(self._demands(p))[d]) for p, d in moved])
        for (position, direction), witness in kept.items():
            if position in members:
                del self.witnesses[position, direction]
                continue
            if not np.any(witness[members] != 0) or self._holds(position, direction):
                continue
            change = dict(self._demands(position))[direction]
            if self._already_seen(position, direction, change):
                continue
            again = self._change(position, change, allow_new=False)
            if again is None and position not in targets:
                again = self._change(position, -change, allow_new=False)
            if again is None:
                self.witnesses = kept
                for member in members:
                    self.unknown[member] = True
                return
            self.witnesses[position, direction] = again
            self.pool.add(again)
