"""Who receives which edition: the teams of mail.yaml, and the structures of correspondants.csv, each as what it is.

A structure is written to as a lieu, as a prescriber, or as both, whichever the version knows its SIRET for. Does not
live here: the addresses (programme/), what an edition holds (editions.py, content.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from programme.config import load_correspondents
from reporting.quality.editions import Edition
from reporting.quality.mail_settings import MailSettings

Boxes = dict[Edition, list[str]]


@dataclass(frozen=True)
class Addressees:
    """teams: edition → addresses; structures: SIRET → addresses. `answer_days`: given to a structure to answer."""

    teams: Boxes = field(default_factory=dict)
    structures: dict[str, list[str]] = field(default_factory=dict)
    answer_days: int = 15

    def known(self, names: pl.DataFrame) -> Boxes:
        """The addresses of each edition. `names`: the structures of a version (columns owner, siret)."""
        mine = (
            names.filter(pl.col("siret").is_in(list(self.structures)))
            .select("owner", "siret")
            .unique()
            .sort("siret", "owner")
        )
        return self.teams | {Edition(owner, siret): self.structures[siret] for owner, siret in mine.rows()}

    def strangers(self, names: pl.DataFrame) -> list[str]:
        """« 21940080900014 (ccas@ville.example) »: the structures that the version knows neither as a lieu nor as a
        prescriber, to whom nothing is sent."""
        known = set(names["siret"])
        return [f"{siret} ({', '.join(boxes)})" for siret, boxes in self.structures.items() if siret not in known]


def read_addressees(mail: MailSettings, programme_folder: Path | None) -> Addressees:
    """The addresses in force. Raises ProgrammeError (French) for a mistake of correspondants.csv."""
    structures: dict[str, list[str]] = {}
    for one in load_correspondents(programme_folder):
        if one.is_structure and one.receives_quality:
            structures.setdefault(one.structure, []).append(one.courriel)
    return Addressees(mail.recipients.by_edition(), structures, mail.answer_days)
