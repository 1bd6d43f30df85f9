"""What tables chosen apart give together: attack the whole, and withhold more until the attack finds nothing.

Tables too large to be chosen at once are chosen one after another; what they share can give a count back that each of
them hides. Lives here: that repair. Does not live here: the attack (attack.py), the choice (choose.py).
"""

from __future__ import annotations

from reporting.suppression.attack import breaches
from reporting.suppression.choose import protect
from reporting.suppression.mask import Mask
from reporting.suppression.tables import Tables


def mend(tables: Tables, mask: Mask, threshold: int) -> Mask:
    """`mask` with the cells that must be withheld too for the attack on `tables` to find nothing.

    exposed: what no mask protects any more, whatever is withheld of `tables.published`. Raises TablesError where the
    values do not satisfy their own sums.
    """
    tables.check()
    hidden, programmes = mask.hidden, mask.programmes
    close = frozenset(breaches(tables, hidden, threshold))
    lost = frozenset[str]()
    while close - lost:
        # What no mask protects is asked for once: the others are, for as long as something is withheld for them.
        found = protect(tables, threshold, hidden_before=hidden, only=close - lost)
        programmes += found.programmes
        if found.hidden == hidden:
            lost = close
        else:
            lost |= found.exposed
            hidden = found.hidden
            close = frozenset(breaches(tables, hidden, threshold))
    return Mask.of(hidden, tables.primary(threshold), close, programmes)
