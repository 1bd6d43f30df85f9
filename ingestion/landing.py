"""The landing folder: which files are ready to be read, and their identity there.

Does not live here: their bytes (content), reading them (reader), what becomes of them (intake).
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ingestion.content import NOT_ORDINARY
from ingestion.delivery import IngestionError
from ingestion.unpack import SIDECAR_SUFFIX, is_left_alone
from presentation.system_errors import tell_error
from storage.ordinary import is_ordinary

SETTLE_SECONDS = 30.0
"""How long the size and the date of a file must not have moved: the setting `settle_seconds` unless told."""
CLAIMED = ".lecture"
"""Folder of the landing folder where the files being read are (claiming)."""
LARGEST_SIDECAR_BYTES = 64 * 1024
"""A `.sha256` holds one line. What is larger describes no file."""


class LandingUnreadable(IngestionError):
    """The landing folder is absent or cannot be read: never « nothing to do » (exports §5). The message is French."""


@dataclass(frozen=True)
class Arrival:
    """One file of the landing folder. `name` is relative to it, masked where it holds somebody's (`path` does not);
    `identity` changes with every new copy; `size` in bytes.
    """

    path: Path
    name: str
    identity: str
    size: int
    sidecar: Path | None = None


@dataclass(frozen=True)
class Left:
    """A file that stays where it is, and the French reason."""

    path: Path
    name: str
    why: str


def list_arrivals(
    landing: Path, settle_seconds: float = SETTLE_SECONDS, on_wait: Callable[[float], None] | None = None
) -> tuple[list[Arrival], list[Left]]:
    """The files ready to be read, by name (one that a killed run had claimed before another of that name), and those
    left for the next run.

    A file younger than `settle_seconds` is looked at twice: one whose size or date changes in between is still being
    written, and so is one that another process of this machine holds open to write. `on_wait`: told before a wait, in
    seconds. Raises LandingUnreadable where the folder, or one in it, is absent or cannot be read.
    """
    before = {path: _identity(path) for path in (*claims_of(landing), *_walk(landing))}
    youngest = max((s.st_mtime for s in before.values() if s), default=0.0)
    # one dated in the future (another machine's clock) may have been written now
    wait = min(settle_seconds - (time.time() - youngest), settle_seconds)
    if before and wait > 0:
        if on_wait:
            on_wait(wait)
        time.sleep(wait)
    arrivals: list[Arrival] = []
    left: list[Left] = []
    if not before:  # nothing to name: Polars, which masks names, is not imported
        return arrivals, left
    from ingestion.personal_text import mask_names

    claims = landing / CLAIMED

    def place(path: Path) -> Path:
        return path.relative_to(claims if path.is_relative_to(claims) else landing)

    paths = sorted(before, key=lambda path: (place(path), not path.is_relative_to(claims)))
    names = mask_names([place(path).as_posix() for path in paths])
    for path, name in zip(paths, names, strict=True):
        first = before[path]
        now = _identity(path)
        if first is None or now is None:
            continue
        if not is_ordinary(now):
            left.append(Left(path, name, NOT_ORDINARY))
        elif _told(first) != _told(now) or _is_being_written(path):
            left.append(Left(path, name, STILL_WRITTEN))
        elif path.name.lower().endswith(SIDECAR_SUFFIX):
            if path.with_name(path.name[: -len(SIDECAR_SUFFIX)]) not in before:
                left.append(Left(path, name, "cette empreinte attend le fichier qu’elle décrit"))
            elif now.st_size > LARGEST_SIDECAR_BYTES:
                left.append(Left(path, name, "elle est bien trop grande pour être l’empreinte d’un fichier"))
        else:
            arrivals.append(Arrival(path, name, f"{name}|{_told(now)}", now.st_size, find_sidecar(path)))
    return arrivals, left


def arrival_of(path: Path, name: str) -> Arrival:
    """The file at `path`, as it is now, shown as `name`. Raises OSError."""
    now = path.lstat()
    return Arrival(path, name, f"{name}|{_told(now)}", now.st_size, find_sidecar(path))


def claims_of(landing: Path) -> list[Path]:
    """The files that a run had claimed and did not finish with."""
    claims = landing / CLAIMED
    return _walk(claims) if claims.is_dir() and not claims.is_symlink() else []


def find_sidecar(path: Path) -> Path | None:
    """The `.sha256` beside a file: a small ordinary file, never a link or a pipe; None without."""
    sidecar = path.with_name(path.name + SIDECAR_SUFFIX)
    status = _identity(sidecar)
    is_sum = status is not None and is_ordinary(status) and status.st_size <= LARGEST_SIDECAR_BYTES
    return sidecar if is_sum else None


def is_unchanged(arrival: Arrival) -> bool:
    """The file is still the one that was listed: nobody wrote to it while it was read."""
    now = _identity(arrival.path)
    return now is not None and arrival.identity == f"{arrival.name}|{_told(now)}"


def list_files(paths: Iterable[Path]) -> list[tuple[Path, bool]]:
    """The files named, folders replaced by what they hold with their subfolders; names left alone apart.

    Each with whether a person named it: what a folder holds is judged as the landing folder's is.
    """
    found: list[tuple[Path, bool]] = []
    for path in map(Path, paths):
        found += [(p, False) for p in sorted(_walk(path))] if path.is_dir() else [(path, True)]
    return [(path, is_named) for path, is_named in found if not path.name.lower().endswith(SIDECAR_SUFFIX)]


STILL_WRITTEN = "il est encore en cours d’écriture : il sera lu au prochain passage"


def _walk(landing: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        if isinstance(error, FileNotFoundError) and Path(error.filename) != landing:
            return  # a folder that went while it was looked for
        raise LandingUnreadable(
            f"La zone de dépôt {landing} ne peut pas être lue ({tell_error(error)}) : rien n’a été lu. "
            "Vérifiez que ce dossier existe, que le partage où il se trouve est monté, et vos droits dessus."
        ) from error

    found = []
    for folder, subfolders, names in os.walk(landing, onerror=refuse):
        subfolders[:] = sorted(s for s in subfolders if not is_left_alone(s))
        links = [s for s in subfolders if (Path(folder) / s).is_symlink()]
        found += [Path(folder) / n for n in (*names, *links) if not is_left_alone(n)]
    return found


def _identity(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _is_being_written(path: Path) -> bool:
    """Whether a process of this machine holds the file open to write: the system lends it to nobody then.

    False where the disk knows nothing of it (a share), or the file is somebody else's.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def _told(status: os.stat_result) -> str:
    # ctime: a file copied again keeps its date and may get the same inode, never the same change time
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"
