"""Originals kept aside: the archive of files loaded and the quarantine of files rejected (0700 folders, 0600 files).

Does not live here: when an original may go (purge), what its report says (report).
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

from ingestion.content import Content, Taken, slices
from ingestion.unpack import SIDECAR_SUFFIX
from storage.atomic import PARTIAL_SUFFIX, fsync_path, write_atomically

REPORT_NAME = "rapport.md"
_LONGEST_NAME_BYTES = 180
ORIGINAL_MARK = 17
"""Characters before the name of an original in the archive: sixteen of its sha256, and `_`."""


def archive_path(archive: Path, received_on: date, sha256: str, name: str) -> Path:
    """Where the archive keeps an original: archive/<received date>/<sha16>_<name>."""
    return archive / received_on.isoformat() / f"{sha256[:16]}_{flat_name(name)}"


def quarantine_folder(quarantine: Path, received_on: date, sha256: str, name: str) -> Path:
    """Where the quarantine keeps a rejected file and its report: a folder of its own."""
    return quarantine / received_on.isoformat() / f"{sha256[:16]}_{flat_name(name)}"


def keep_in_archive(path: Path, taken: Taken, sidecar: bytes | None = None) -> None:
    """Copy an original into the archive, flushed and whole, before anything else is done with it.

    Its folder is flushed by the caller, before the original goes.
    """
    _make_private(path.parent)
    if not (path.exists() and path.stat().st_size == len(taken.data)):
        _put(path, taken.data, taken.copy)
    if sidecar is not None:
        write_atomically(path.with_name(path.name + SIDECAR_SUFFIX), sidecar, mode=0o600, flush_folder=False)


def keep_in_quarantine(
    folder: Path, name: str, data: Content, report: str, sidecar: bytes | None = None, copy: Path | None = None
) -> Path:
    """Keep a rejected file beside its report. Returns the report's path. `copy`: where its bytes are already."""
    _make_private(folder)
    kept = flat_name(name)
    _put(folder / kept, data, copy)
    fsync_path(folder)
    if sidecar is not None:
        write_atomically(folder / (kept + SIDECAR_SUFFIX), sidecar, mode=0o600)
    write_atomically(folder / REPORT_NAME, report.encode(), mode=0o600)
    return folder / REPORT_NAME


def _put(path: Path, data: Content, copy: Path | None) -> None:
    """The bytes under their name, flushed, as their folder is not yet. A flushed copy of them takes that name."""
    if copy is not None and copy.exists():
        copy.replace(path)
    else:
        write_atomically(path, slices(data), mode=0o600, flush_folder=False)


def is_archived(archive: Path, sha256: str) -> bool:
    """Whether the archive still holds an original of that sha256."""
    return any(archive.glob(f"*/{sha256[:16]}_*"))


def clean_partials(folder: Path) -> None:
    """Remove what a killed run was writing: the original is still in the landing folder. Under the lock only."""
    for partial in folder.rglob(f".*{PARTIAL_SUFFIX}"):
        partial.unlink(missing_ok=True)


def flat_name(name: str) -> str:
    """A name safe as one file name: no folder, no control character, not too long, its extension kept."""
    flat = re.sub(r"[\x00-\x1f\x7f/\\:]", "_", name).lstrip(".") or "fichier"
    if flat == REPORT_NAME:
        flat = f"_{flat}"
    raw = os.fsencode(flat)
    if len(raw) <= _LONGEST_NAME_BYTES:
        return flat
    return raw[:100].decode(errors="ignore") + "…" + raw[-60:].decode(errors="ignore")


def _make_private(folder: Path) -> None:
    for level in (folder.parent.parent, folder.parent, folder):
        if not level.exists():
            level.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.chmod(0o700)
    folder.chmod(0o700)
