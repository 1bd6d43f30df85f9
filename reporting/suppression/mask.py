"""What a choice of cells answers: which are withheld, and why. Does not live here: the choice (choose.py, mend.py)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mask:
    """hidden = primary + complementary: published cells withheld. exposed: cells to protect that no mask protects
    any more (an earlier publication already gives them away). programmes: linear programmes that the choice took."""

    hidden: frozenset[str]
    primary: frozenset[str]
    complementary: frozenset[str]
    exposed: frozenset[str]
    programmes: int = field(default=0, compare=False)

    @classmethod
    def of(cls, hidden: frozenset[str], small: frozenset[str], exposed: frozenset[str], programmes: int = 0) -> Mask:
        """The mask that withholds `hidden`, where `small` are the small counts of the tables."""
        return cls(hidden, hidden & small, hidden - small, exposed, programmes)
