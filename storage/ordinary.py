"""What an ordinary file is: the only kind that is read, moved or given. Does not live here: opening one (content)."""

from __future__ import annotations

import os
import stat


def is_ordinary(status: os.stat_result) -> bool:
    """A file that has one name: what is done to it is done to nothing else."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1
