"""A file is claimed by a rename inside the landing folder before it is read: whoever drops another meets no reader.

Claims wait in a folder of the landing folder itself, each under its own place; a killed run leaves them there, and the
next one reads them first. Does not live here: which files are ready (landing), when an original may go (waiting).
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ingestion.content import hash_ordinary
from ingestion.landing import CLAIMED, Arrival, arrival_of, claims_of, is_unchanged
from ingestion.unpack import SIDECAR_SUFFIX


def claim(arrival: Arrival, landing: Path) -> Arrival | None:
    """The arrival under its claim, its `.sha256` with it; None where the file is no longer the one that was listed.

    Where nothing can be renamed (a folder only read), it is read where it is.
    """
    claims = landing / CLAIMED
    if arrival.path.is_relative_to(claims):
        return arrival
    if not is_unchanged(arrival):
        return None
    target = claims / arrival.path.relative_to(landing)
    try:
        claims.mkdir(exist_ok=True, mode=0o700)
        if claims.is_symlink() or os.path.lexists(target):
            return arrival
        target.parent.mkdir(parents=True, exist_ok=True)
        if arrival.sidecar:  # first: a file is never read without what says what it must be
            arrival.sidecar.rename(_sidecar_of(target))
        arrival.path.rename(target)
    except FileNotFoundError:
        return None
    except OSError:
        if arrival.sidecar:  # back beside its file, which is read there
            with contextlib.suppress(OSError):
                _sidecar_of(target).rename(arrival.sidecar)
        return arrival
    return arrival_of(target, arrival.name)


def give_back(arrival: Arrival, landing: Path) -> Path:
    """Put a claimed file, and its `.sha256`, where they were dropped. Returns where it is: its place may be taken."""
    claims = landing / CLAIMED
    if not arrival.path.is_relative_to(claims):
        return arrival.path
    place = landing / arrival.path.relative_to(claims)
    with contextlib.suppress(OSError):
        if not os.path.lexists(place):
            arrival.path.rename(place)
            if arrival.sidecar and not os.path.lexists(_sidecar_of(place)):
                arrival.sidecar.rename(_sidecar_of(place))
    remove_empty(arrival.path.parent, claims)
    return place


def is_still(arrival: Arrival, sha256: str) -> bool:
    """Whether the file holds what was read of it: its marks, then its bytes, read again."""
    return is_unchanged(arrival) and hash_ordinary(arrival.path) == sha256


def is_dropped_again(arrival: Arrival, landing: Path) -> bool:
    """Whether another file has come under the name of a claimed one."""
    claims = landing / CLAIMED
    return arrival.path.is_relative_to(claims) and os.path.lexists(landing / arrival.path.relative_to(claims))


def lonely_sidecars(landing: Path) -> list[tuple[Path, Path]]:
    """`.sha256` that a kill left claimed without their file: where each is, and where it was dropped."""
    claims = landing / CLAIMED
    sidecars = [path for path in claims_of(landing) if path.name.lower().endswith(SIDECAR_SUFFIX)]
    lonely = [path for path in sidecars if not path.with_name(path.name[: -len(SIDECAR_SUFFIX)]).exists()]
    return [(path, landing / path.relative_to(claims)) for path in lonely]


def remove_empty_claims(landing: Path) -> None:
    """Remove the folders of claims that a kill left empty: nothing of ours stays in the landing folder."""
    claims = landing / CLAIMED
    if claims.is_dir() and not claims.is_symlink():
        for folder, _, _ in os.walk(claims, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def remove_empty(folder: Path, claims: Path) -> None:
    """Remove a folder of the claims and those it is in, as long as they are empty."""
    with contextlib.suppress(OSError):
        while folder.is_relative_to(claims):
            folder.rmdir()
            folder = folder.parent


def _sidecar_of(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR_SUFFIX)
