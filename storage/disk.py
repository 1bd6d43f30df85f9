"""How full a disk is. Does not live here: what a run needs of it, what is said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

#: Above it, somebody must be told while there is still room.
FULL_SHARE = 0.80


def disk_of(path: Path) -> tuple[float, int]:
    """(share used, octets free) of the disk that holds `path`, of what a user may fill, as `df` says it."""
    folder = next(one for one in (path, *path.parents) if one.exists())  # where it is not made yet
    _, used, free = shutil.disk_usage(folder)
    return used / (used + free), free
