"""What each edition was told before, from the letters that left: a first mail, a fault that persists, since when.

Does not live here: the reports kept and their ledgers (store.py), what is said of it (notice.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from reporting.quality.editions import Edition
from reporting.quality.store import ReportRecord, read_before, read_facts, told_editions
from warehouse.settings import Home

#: Letters looked at: half a year of weekly ones.
_MOST = 26


@dataclass(frozen=True)
class Told:
    """Grain: one earlier letter of an edition. `keys`: of the problems it told; `inputs_sha256`: of its data."""

    on: date
    inputs_sha256: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Past:
    """The letters of one edition that left, newest first."""

    letters: tuple[Told, ...] = ()

    @property
    def last(self) -> Told | None:
        return self.letters[0] if self.letters else None

    def since(self, is_same: Callable[[str], bool]) -> tuple[date | None, int]:
        """When the last letters, without a gap, began to tell of a problem, and how many did. `is_same`: of a key."""
        first, told = None, 0
        for letter in self.letters:
            if not any(is_same(key) for key in letter.keys):
                break
            first, told = letter.on, told + 1
        return first, told


@dataclass(frozen=True)
class PastLetters:
    """The earlier letters of every edition of a home."""

    of: dict[str, Past] = field(default_factory=dict)

    def of_edition(self, edition: Edition) -> Past:
        return self.of.get(edition.slug, Past())


def read_past(home: Home, report_id: str, editions: Iterable[Edition]) -> PastLetters:
    """The letters that left before the report `report_id`. Raises DamagedRecord (French)."""
    records = [(record, told_editions(home, record.report_id)) for record in read_before(home, report_id)[-_MOST:]]
    known: dict[str, list[Told]] = {edition.slug: [] for edition in editions}
    structures = {edition.slug: edition for edition in editions if edition.siret}
    for record, slugs in reversed(records):
        wanted = [structures[slug] for slug in structures if slug in slugs]
        keys = _keys(home, record) if wanted else {}
        for edition in wanted:
            told = Told(record.written_on, record.inputs_sha256, keys.get((edition.owner, edition.siret), frozenset()))
            known[edition.slug].append(told)
    return PastLetters({slug: Past(tuple(letters)) for slug, letters in known.items() if letters})


def _keys(home: Home, record: ReportRecord) -> dict[tuple[str, str], frozenset[str]]:
    facts = read_facts(home, record).drop_nulls("siret").group_by("owner", "siret").agg(pl.col("key").unique())
    return {(owner, siret): frozenset(keys) for owner, siret, keys in facts.rows()}
