"""The landing folder: which files are ready to be read, and their identity there.

Does not live here: reading them (reader), what becomes of them (intake).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingestion.unpack import SIDECAR_SUFFIX, is_left_alone

SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Arrival:
    """One file of the landing folder. `name` is relative to it; `identity` changes with every new copy."""

    path: Path
    name: str
    identity: str
    sidecar: Path | None = None


@dataclass(frozen=True)
class Left:
    """A file that stays where it is, and the French reason."""

    name: str
    why: str


def list_arrivals(landing: Path, settle_seconds: float = SETTLE_SECONDS) -> tuple[list[Arrival], list[Left]]:
    """The files ready to be read, by name, and those left for the next run.

    A file younger than `settle_seconds` is looked at twice: one whose size or date changes in between is
    still being written.
    """
    before = {path: _identity(path) for path in _walk(landing)}
    youngest = max((s.st_mtime for s in before.values() if s), default=0.0)
    wait = settle_seconds - (time.time() - youngest)
    if before and 0 < wait <= settle_seconds:
        time.sleep(wait)
    arrivals, left = [], []
    for path, first in sorted(before.items()):
        name = shown_name(path, landing)
        now = _identity(path)
        if first is None or now is None:
            continue
        if not stat.S_ISREG(now.st_mode):
            left.append(Left(name, "ce n’est pas un fichier ordinaire (un lien, par exemple) : déposez une copie"))
        elif _told(first) != _told(now):
            left.append(Left(name, "il est encore en cours d’écriture : il sera lu au prochain passage"))
        elif path.name.lower().endswith(SIDECAR_SUFFIX):
            if path.with_name(path.name[: -len(SIDECAR_SUFFIX)]) not in before:
                left.append(Left(name, "cette empreinte attend le fichier qu’elle décrit"))
        else:
            sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
            arrivals.append(Arrival(path, name, f"{name}|{_told(now)}", sidecar if sidecar in before else None))
    return arrivals, left


def is_unchanged(arrival: Arrival) -> bool:
    """The file is still the one that was listed: nobody wrote to it while it was read."""
    now = _identity(arrival.path)
    return now is not None and arrival.identity == f"{arrival.name}|{_told(now)}"


def shown_name(path: Path, landing: Path) -> str:
    """The name of a file relative to the landing folder, whatever bytes it is made of."""
    return os.fsencode(path.relative_to(landing).as_posix()).decode("utf-8", errors="replace")


def list_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, folders replaced by what they hold with their subfolders; names left alone apart."""
    found: list[Path] = []
    for path in map(Path, paths):
        inside = sorted(p for p in _walk(path) if p.is_file()) if path.is_dir() else [path]
        found += [p for p in inside if not p.name.lower().endswith(SIDECAR_SUFFIX)]
    return found


def _walk(landing: Path) -> list[Path]:
    found = []
    for folder, subfolders, names in os.walk(landing):
        subfolders[:] = sorted(s for s in subfolders if not is_left_alone(s))
        found += [Path(folder) / n for n in names if not is_left_alone(n)]
    return found


def _identity(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _told(status: os.stat_result) -> str:
    # ctime: a file copied again keeps its date and may get the same inode, never the same change time
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"
