"""The room that a run needs on the disk, asked for before anything is read or built.

Does not live here: what a disk that fills meanwhile says (presentation/system_errors.py), looking at a home (doctor).
"""

from __future__ import annotations

from presentation.french import bind, decimal
from presentation.sentences import MAKE_ROOM
from storage.disk import disk_of
from warehouse.published.versions import current_path
from warehouse.settings import Home

#: What a build needs, of the version in line: the candidate that becomes the next one, and as much to sort and copy.
TIMES_A_VERSION = 2
_MEGABYTE = 1_000_000


class NoRoom(Exception):
    """The disk has too little room for a run; nothing was read. The message is French."""


def room_needed(home: Home) -> int:
    """Octets: the version in line twice, and the waiting files once more (the archive). 0 in a new home."""
    published = current_path(home)
    version = published.stat().st_size if published else 0
    waiting = sum(path.lstat().st_size for path in home.landing.rglob("*") if path.is_file())
    return TIMES_A_VERSION * version + waiting


def require_room(home: Home) -> None:
    """Raises NoRoom where the disk of the warehouse has less than `room_needed`."""
    needed, (_, free) = room_needed(home), disk_of(home.warehouse)
    if free < needed:
        raise NoRoom(
            bind(
                f"Il reste {decimal(free / _MEGABYTE)} Mo sur le disque de {home.warehouse}, et un passage en demande "
                f"environ {decimal(needed / _MEGABYTE)} : rien n'a été lu ni construit, les fichiers restent "
                f"où ils ont été déposés. {MAKE_ROOM}"
            )
        )
