"""Which cells of the cube are withheld: the one rule of reporting/suppression, on the whole programme, part by part.

Never on what one reader may see: two readers side by side hold what one of them would. Does not live here: the cells
and their sums (system.py), what was published before (past.py), the rule and its search (reporting/suppression).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reporting.cube.past import Past
from reporting.cube.system import Source, tables, with_few_carnets
from reporting.suppression import Mask, protect
from reporting.suppression.mend import mend


@dataclass(frozen=True)
class Withheld:
    """hidden: the cells that no page of a protected reader shows; exposed: those that no mask could protect; untold: of
    the hidden, those that no page would show anyway."""

    hidden: frozenset[str]
    exposed: frozenset[str]
    untold: frozenset[str] = frozenset()


def withheld(source: Source, threshold: int, past: Past) -> Withheld:
    """The cells to withhold. Deterministic: the same version, threshold and past give the same cells."""
    known, hidden = past.known, past.withheld
    maybe_none = source.zeros | source.maybe_none
    untold: frozenset[str] = frozenset()
    for part in source.parts:
        few = with_few_carnets(part, hidden) - known
        # Beside documents, whose totals give some of these back: they are no page's, and hide nothing else.
        untold |= few if past.known else frozenset()
        hidden |= few
        of_part = tables(part, known, hidden, maybe_none)
        of_part = replace(of_part, withheld=of_part.withheld - untold)
        mask = protect(of_part, threshold)
        known |= of_part.published - mask.hidden
        hidden |= mask.hidden
    whole = replace(past.whole, published=past.whole.published - past.of(untold))
    mended = mend(whole, Mask.of(past.of(hidden) & whole.published, whole.primary(threshold), frozenset()), threshold)
    return Withheld(hidden | past.cells(mended.hidden), mended.exposed, untold)
