"""What the attack finds of one mask: the interval of each withheld cell, beside what the rule asks of it.

Lives here: putting the two together, and which shortfalls are new. Does not live here: the attack (attack.py), how
it is told and where it is kept (reporting/figures/attack_report.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reporting.suppression.attack import Interval, attack, breaches
from reporting.suppression.mask import Mask
from reporting.suppression.tables import Tables, span


@dataclass(frozen=True)
class Finding:
    """One withheld cell: the tightest interval that an outsider computes, and what must be in it (None: its width)."""

    cell: str
    is_small: bool
    seen: Interval
    must_hold: tuple[float, float] | None
    width: float


@dataclass(frozen=True)
class Attacked:
    """What may be told outside: cells tried, width of the narrowest interval, cells that no mask can protect now."""

    cells: int = 0
    narrowest: float | None = None
    exposed: int = 0


NOT_ATTACKED = Attacked()


@dataclass(frozen=True)
class Examined:
    """findings: the withheld cells, narrowest first. known: shortfalls that the mask says no mask can mend. new: the
    others, of cells withheld now or before, or that nobody publishes: closer than the rule allows."""

    findings: tuple[Finding, ...]
    known: Mapping[str, Interval]
    new: Mapping[str, Interval]

    @property
    def narrowest(self) -> float | None:
        """The width of the narrowest interval; None when nothing is withheld, or nothing bounds any of it."""
        widths = [finding.seen.width for finding in self.findings if finding.seen.width < float("inf")]
        return round(min(widths), 6) if widths else None

    @property
    def told(self) -> Attacked:
        """What may be told outside."""
        return Attacked(len(self.findings), self.narrowest, len(self.known))


def examine(tables: Tables, mask: Mask, threshold: int, exposed_before: frozenset[str] = frozenset()) -> Examined:
    """Attack the mask. exposed_before: cells that an earlier edition said it could not protect any more."""
    floors, small = tables.floors(), tables.primary(threshold)
    seen = attack(tables, mask.hidden, (cell for cell in mask.hidden if tables.values[cell] > 0))
    findings = [
        Finding(cell, cell in small, interval, _must_hold(cell, small, floors, threshold), threshold - 2.0)
        for cell, interval in seen.items()
    ]
    short = breaches(tables, mask.hidden, threshold, seen)
    excused = mask.exposed | exposed_before
    known = {cell: interval for cell, interval in short.items() if cell in excused or cell.split("=")[0] in excused}
    new = {cell: interval for cell, interval in short.items() if cell not in known}
    order = sorted(findings, key=lambda finding: (finding.seen.width, finding.cell))
    return Examined(tuple(order), known, new)


def _must_hold(
    cell: str, small: frozenset[str], floors: Mapping[str, float], threshold: int
) -> tuple[float, float] | None:
    return span(floors[cell], threshold) if cell in small else None
