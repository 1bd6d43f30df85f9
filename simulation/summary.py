"""What a simulation wrote: its files, its facts, and everything planted in them, so that a test can count.

Does not live here: the writing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


class SimulationError(ValueError):
    """The simulation cannot be written as asked; the message is French and says what to do."""


@dataclass(frozen=True)
class FileSummary:
    """One table written, and what must become of it (exports §3).

    `name`: path under the folder, `archive.zip/member.csv` for a member. `outcome`: loaded, duplicate or
    rejected, with its `reason`; None where the specification leaves the choice. `lines`: data lines, of which
    `rejected` and `duplicates`; `issues`: optional values that become empty.
    """

    name: str
    dataset: str | None
    extract_date: date | None
    outcome: str | None = "loaded"
    reason: str | None = None
    lines: int = 0
    rejected: int = 0
    duplicates: int = 0
    issues: int = 0


@dataclass
class Summary:
    """The result of `simulate`. Counts are of the facts, not of the lines (a fact is delivered several times).

    `facts`: carnets, passes, prescriptions (live), people (known), utilisations (not cancelled nor rejected).
    `planted`: kind of dirt → how many, e.g. `line:rejected`, `file:empty_file`, `container:xlsx`.
    `personal_markers`: texts that the planted personal data hold and that nothing may show once ingested.
    """

    out: Path
    dirt: str
    seed: int
    first_extract: date
    as_of: date
    facts: dict[str, int]
    files: list[FileSummary] = field(default_factory=list)
    planted: Counter[str] = field(default_factory=Counter)
    personal_markers: tuple[str, ...] = ()
    bytes_written: int = 0
