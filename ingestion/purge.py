"""`passnum purge`: originals past their retention go; the lake, which rebuilds everything, stays.

Call it under the home's lock. Does not live here: how long originals are kept (programme).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.intake import Folders, IngestionError
from ingestion.vault import REPORT_NAME
from presentation.system_errors import tell_error


@dataclass(frozen=True)
class Purged:
    """One original (or its `.sha256`): where it is, since when, its size."""

    path: Path
    received_on: date
    size_bytes: int


@dataclass(frozen=True)
class PurgeResult:
    """What was removed, or would be (`dry_run`)."""

    files: tuple[Purged, ...]
    before: date
    dry_run: bool

    @property
    def total_bytes(self) -> int:
        return sum(f.size_bytes for f in self.files)

    @property
    def text(self) -> str:
        """One French sentence."""
        size = f"{self.total_bytes / 1_000_000:.1f}".replace(".", ",")
        day = f"{self.before:%d/%m/%Y}"
        if not self.files:
            return f"Aucun original reçu avant le {day} : il n’y a rien à effacer."
        if len(self.files) == 1:
            told = f"1 original reçu avant le {day} {'serait effacé' if self.dry_run else 'a été effacé'}"
        else:
            verb = "seraient effacés" if self.dry_run else "ont été effacés"
            told = f"{len(self.files)} originaux reçus avant le {day} {verb}"
        return f"{told} ({size} Mo). L’entrepôt se reconstruit entièrement sans eux, depuis le lac."


def purge(folders: Folders, before: date, *, dry_run: bool) -> PurgeResult:
    """Remove the originals received before a day, of the archive and of the quarantine; reports stay.

    Raises IngestionError (French) when one cannot be removed; those already removed stay so.
    """
    found = tuple(sorted(_originals(folders, before), key=lambda p: (p.received_on, p.path)))
    if not dry_run:
        for item in found:
            try:
                item.path.unlink(missing_ok=True)
            except OSError as error:
                raise IngestionError(f"{item.path} ne peut pas être effacé ({tell_error(error)}).") from error
        for root in (folders.archive, folders.quarantine):
            _remove_empty_folders(root)
    return PurgeResult(found, before, dry_run)


def _originals(folders: Folders, before: date) -> list[Purged]:
    found = []
    for root in (folders.archive, folders.quarantine):
        for folder in root.glob("*-*-*"):
            day = _day(folder.name)
            if day is None or day >= before:
                continue
            kept = [p for p in folder.rglob("*") if p.is_file() and p.name != REPORT_NAME]
            found += [Purged(p, day, p.stat().st_size) for p in kept]
    return found


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _remove_empty_folders(root: Path) -> None:
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
