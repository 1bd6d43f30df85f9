"""The empty months of a territory: written « s » where another of its months is, so that no « s » is known to be one.

Twelve people whose total was shown, over ten months that are « s »: were the empty months written 0, each of the others
would be 1, 2 or 3. A territory without anyone in the whole period is written 0 everywhere, and so is a month in which
the programme had nobody. Does not live here: the cells that are not empty (cells.py), what is withheld (suppression).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reporting.figures.knowledge import PROGRAMME, cell


@dataclass(frozen=True)
class Emptiness:
    """months: those of the period, whose own time is `whole`; before: zeros that earlier publications held."""

    months: list[str]
    whole: str
    before: frozenset[str]

    def cells(self, measure: str, frame: pl.DataFrame) -> set[str]:
        """The empty months of each place that has some in the period. frame: place, month, value."""
        found = {name for name in self.before if name.startswith(f"{measure}|")}
        key = pl.col("month").dt.strftime("%Y-%m")
        rows = frame.filter(pl.col("value") > 0).with_columns(time=key + ".." + key)
        rows = rows.filter(pl.col("time").is_in(self.months))
        if self.whole in self.months:
            return found
        grid = rows.select("place").unique().join(rows.select("time").unique(), how="cross")
        return found | {cell(measure, place, time) for place, time in grid.rows()}

    def holds(self, name: str) -> bool:
        """Whether a zero is an empty month, with a mask of its own."""
        _, place, time = name.split("|")
        return not place.startswith("ept:") and self.whole not in self.months and time in self.months

    def veiled(self, values: Mapping[str, float]) -> frozenset[str]:
        """The months of territories: withheld, each may be nothing."""
        return frozenset(name for name in values if self._is_month(name))

    def follows(
        self, values: Mapping[str, float], masks: Mapping[str, str], people: Mapping[str, str]
    ) -> dict[str, tuple[str, ...]]:
        """Mask → those of the empty months that are on with it: of the same row, and people's with their carnets'."""
        rows = defaultdict[tuple[str, str], list[str]](list)
        for name in sorted(values):
            if name in masks and self._is_month(name):
                measure, place, _ = name.split("|")
                rows[measure, place].append(name)
        found = defaultdict[str, set[str]](set)
        for (measure, place), names in rows.items():
            empty = {masks[name] for name in names if not values[name]}
            for name in names:
                found[masks[name]] |= empty - {masks[name]}
            if measure in people:
                for name in (name for name in names if not values[name]):
                    carnets = cell(people[measure], place, name.split("|")[2])
                    if carnets in masks:
                        found[masks[carnets]].add(masks[name])
        return {mask: tuple(sorted(others)) for mask, others in found.items() if others}

    def _is_month(self, name: str) -> bool:
        measure, place, _ = name.split("|")
        return self.holds(name) and ":" not in measure and place != PROGRAMME and measure != "lieu_passes"
