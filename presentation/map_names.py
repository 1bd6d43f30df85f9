"""Names on a map, so that none stands on another: on the pages and in the bilan alike.

Does not live here: where a place falls on a drawing (the projection of each), how a name is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Label:
    """A name and the middle of the room it takes: x to the east, y to the south, `wide` by `high`, in pixels."""

    text: str
    x: float
    y: float
    wide: float
    high: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, east, north, south of the room it takes."""
        return self.x - self.wide / 2, self.x + self.wide / 2, self.y - self.high / 2, self.y + self.high / 2

    def overlaps(self, other: Label) -> bool:
        west, east, north, south = self.box
        their_west, their_east, their_north, their_south = other.box
        return west < their_east and their_west < east and north < their_south and their_north < south


def short_name(territory: str) -> str:
    """« Paris 18e » for « Paris 18e arrondissement »: what a map has room for."""
    return territory.removesuffix(" arrondissement")


def placed(labels: Sequence[Label], moves: Sequence[tuple[float, float]]) -> list[Label]:
    """The labels, in the order given, each moved by the first of `moves` (pixels) that those placed before it leave
    free, from north to south; where none is free, it keeps its own place."""
    found: dict[int, Label] = {}
    for rank in sorted(range(len(labels)), key=lambda rank: (labels[rank].y, labels[rank].x)):
        label = labels[rank]
        tried = (replace(label, x=label.x + dx, y=label.y + dy) for dx, dy in moves)
        free = (one for one in tried if not any(one.overlaps(other) for other in found.values()))
        found[rank] = next(free, label)
    return [found[rank] for rank in range(len(labels))]
