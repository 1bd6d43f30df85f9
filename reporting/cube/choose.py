"""Which cells of the cube are withheld: the one rule of reporting/suppression, on the whole programme, part by part.

Never on what one reader may see: two readers side by side hold what one of them would. Does not live here: the cells
and their sums (system.py), the rule and its search (reporting/suppression).
"""

from __future__ import annotations

from dataclasses import dataclass

from reporting.cube.system import Source, tables, together, with_few_carnets
from reporting.suppression import Mask, protect
from reporting.suppression.mend import mend


@dataclass(frozen=True)
class Withheld:
    """hidden: the cells that no page of a protected reader shows; exposed: those that no mask could protect."""

    hidden: frozenset[str]
    exposed: frozenset[str]


def withheld(source: Source, threshold: int) -> Withheld:
    """The cells to withhold. Deterministic: the same version and threshold give the same cells."""
    known: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    exposed: frozenset[str] = frozenset()
    for part in source.parts:
        hidden |= with_few_carnets(part, hidden)
        of_part = tables(part, known, hidden)
        mask = protect(of_part, threshold)
        known |= of_part.published - mask.hidden
        hidden |= mask.hidden
    whole = tables(together([*source.parts, *source.beside]), frozenset(), frozenset())
    mended = mend(whole, Mask.of(hidden & whole.published, whole.primary(threshold), frozenset()), threshold)
    hidden |= mended.hidden
    exposed |= mended.exposed
    return Withheld(hidden, exposed)
