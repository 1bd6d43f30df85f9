"""Small counts of people: which cells of a publication are withheld, and the attack that proves it is enough.

Lives here: the additive tables (tables.py), their linear system (system.py), the choice of cells (choose.py),
the attack (attack.py), what was published before (register.py). Does not live here: which figures are published
(reporting/figures), or how a file shows a withheld cell.
"""

from reporting.suppression.attack import Interval, attack, breaches
from reporting.suppression.choose import protect
from reporting.suppression.mask import Mask
from reporting.suppression.tables import Tables, TablesError

__all__ = ["Interval", "Mask", "Tables", "TablesError", "attack", "breaches", "protect"]
