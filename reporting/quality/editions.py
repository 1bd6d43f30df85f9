"""Who receives what: the complete edition of the Métropole's team, one an owner, one a structure named by its SIRET.

Each partner's edition holds only its own lines. Does not live here: addresses (mail_settings.py), content (content.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from reporting.quality.wording import LIEU, OWNER_TITLES, OWNERS, PRESCRIBER

COMPLETE = "complet"


@dataclass(frozen=True)
class Edition:
    """One edition. `owner` empty = the complete one; `siret` set = one structure's own lines."""

    owner: str = ""
    siret: str = ""

    @property
    def is_part(self) -> bool:
        """Whether it holds some of the facts only: what it does not say must not pass for the whole."""
        return bool(self.owner)

    @property
    def is_collective(self) -> bool:
        """Whether it is about every lieu, or every prescriber, rather than about the one who reads it."""
        return self.owner in (LIEU, PRESCRIBER) and not self.siret

    @property
    def slug(self) -> str:
        """The folder and key of the edition: complet, mgp, aptic, lieu, lieu-12345678901234…"""
        plain = unicodedata.normalize("NFKD", self.owner or COMPLETE).encode("ascii", "ignore").decode()
        name = "".join(letter for letter in plain.lower() if letter.isalnum())
        return f"{name}-{self.siret}" if self.siret else name

    @property
    def title(self) -> str:
        if not self.owner:
            return "Édition complète (équipe du programme)"
        if self.siret:
            kind = "Lieu" if self.owner == LIEU else "Prescripteur"
            return f"{kind} – SIRET {self.siret}"
        return OWNER_TITLES.get(self.owner, self.owner)

    def select(self, facts: pl.DataFrame) -> pl.DataFrame:
        """The facts of this edition alone (columns `owner`, `siret`)."""
        kept = facts
        if self.owner:
            kept = kept.filter(pl.col("owner") == self.owner)
        if self.siret:
            kept = kept.filter(pl.col("siret") == self.siret)
        return kept


def list_editions(facts: pl.DataFrame, subscribed: Iterable[Edition] = ()) -> list[Edition]:
    """The complete edition, one an owner, one a structure that has something to mend, and those someone receives."""
    named = facts.filter(pl.col("owner").is_in([LIEU, PRESCRIBER]) & pl.col("siret").is_not_null())
    structures = named.select("owner", "siret").unique().sort("owner", "siret")
    editions = [Edition(), *(Edition(owner) for owner in OWNERS), *(Edition(*row) for row in structures.rows())]
    return list(dict.fromkeys([*editions, *subscribed]))
