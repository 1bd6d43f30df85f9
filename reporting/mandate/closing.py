"""The closed accounts of a home: which years are closed, and the operations each was closed with.

A closed account is a snapshot (ADR 9). It holds pass numbers: its folder and files are readable by their owner alone
and are never part of what is sent. Does not live here: when an account closes (export.py).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from presentation.sentences import PUT_BACK
from reporting.figures.period import PeriodError
from reporting.figures.publication import folder_of
from reporting.files.editions import Edition, editions
from storage.atomic import write_atomically
from warehouse.settings import Home

#: The manifest's word for a closing: the sha256 of its snapshot.
CLOSING = "arrete"


@dataclass(frozen=True)
class Closing:
    """One closed account: its year, the edition that closed it, and its snapshot (None: issued before snapshots)."""

    year: int
    edition: Edition
    path: Path
    digest: str | None

    @property
    def end(self) -> date:
        return date(self.year, 12, 31)

    @property
    def as_of(self) -> date:
        """The date of the data it was closed on."""
        return date.fromisoformat(self.edition.manifest["date_des_donnees"])

    @property
    def issued_on(self) -> date:
        """The day it was issued, else the date of its data."""
        return date.fromisoformat(self.edition.manifest.get("emis_le") or self.edition.manifest["date_des_donnees"])

    @property
    def has_snapshot(self) -> bool:
        return self.digest is not None

    def read(self) -> pl.DataFrame:
        """Its operations. Raises PeriodError (French) when the file is missing or is not the one that was closed."""
        content = self.path.read_bytes() if self.path.exists() else b""
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise PeriodError(
                f"L'arrêté du compte {self.year} (reports/.comptes/{self.year}/{self.path.name}) manque ou a été "
                f"modifié : {PUT_BACK}. Aucun compte n'est émis sans lui."
            )
        return pl.read_parquet(io.BytesIO(content))


def folder_of_year(home: Home, year: int) -> Path:
    """Where the editions of the account of a year are."""
    return folder_of(home, "mandat") / str(year)


def snapshot_path(home: Home, year: int, number: int) -> Path:
    """Where the snapshot of an edition is: beside the editions, in a folder that never leaves."""
    return home.reports / ".comptes" / str(year) / f"edition-{number}.parquet"


def orphans(home: Home, year: int) -> list[Path]:
    """The snapshots of a year that no edition stands beside."""
    kept = sorted(snapshot_path(home, year, 0).parent.glob("edition-*.parquet"))
    return [path for path in kept if not (folder_of_year(home, year) / path.stem).exists()]


def closed_years(home: Home) -> dict[int, Closing]:
    """Year → its closing in force: that of its last edition that was not provisional. Oldest first.

    Raises PeriodError (French) when a manifest cannot be read.
    """
    found = {}
    for folder in sorted(folder_of(home, "mandat").glob("[0-9]*")):
        if not folder.is_dir():
            continue
        try:
            final = [edition for edition in editions(folder) if not edition.manifest["provisoire"]]
        except (ValueError, KeyError) as error:
            raise PeriodError(
                f"Le manifeste d'une édition du compte {folder.name} (reports/mandat/{folder.name}) ne se lit plus : "
                f"{PUT_BACK}. Aucun compte n'est émis sans lui."
            ) from error
        if final:
            year, last = int(folder.name), final[-1]
            path = snapshot_path(home, year, last.number)
            found[year] = Closing(year, last, path, last.manifest.get(CLOSING, {}).get("sha256"))
    return found


def snapshot_bytes(snapshot: pl.DataFrame) -> bytes:
    """The snapshot as Parquet."""
    buffer = io.BytesIO()
    snapshot.write_parquet(buffer)
    return buffer.getvalue()


def keep(path: Path, content: bytes) -> None:
    """Write a snapshot aside, then rename it: it is whole or it is not."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    write_atomically(path, content, mode=0o600)
