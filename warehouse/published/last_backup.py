"""When a home was last backed up, and from when on that is too long ago.

Does not live here: making a backup (orchestration/backup.py, which leaves the note), who is told (doctor, alert).
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ValidationError

from storage.atomic import write_atomically
from warehouse.settings import Home

#: In the home: when the last backup was made, and where.
NOTE = ".sauvegarde.json"
#: A backup that is older says too little of what came since.
BACKUP_DAYS = 7


class LastBackup(BaseModel):
    """The last backup of a home. `at`: UTC without zone; `folder`: where it was put."""

    at: datetime
    folder: str

    def is_late(self, now: datetime) -> bool:
        """Whether, at `now` (UTC without zone), it is older than `BACKUP_DAYS`."""
        return (now - self.at).days > BACKUP_DAYS


def note_backup(home: Home, last: LastBackup) -> None:
    """Remember it in the home."""
    write_atomically(home.root / NOTE, last.model_dump_json().encode())


def find_last_backup(home: Home) -> LastBackup | None:
    """The last backup of this home; None before the first."""
    try:
        return LastBackup.model_validate_json((home.root / NOTE).read_bytes())
    except (OSError, ValidationError):
        return None
