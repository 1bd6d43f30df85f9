"""What readers outside the team wait for, once a version: its protected figures, usually made before anybody comes.

A run makes them as it publishes (orchestration/prepared.py). Where a page comes first, they are made in another
process, once however many readers wait, and the page says so. Does not live here: the figures (reporting/cube), for
which homes they are awaited (awaited.py), opening them (connections.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from streamlit.delta_generator import DeltaGenerator

from dashboards.access import Rights
from dashboards.awaited import awaited
from programme.config import load_programme
from programme.errors import ProgrammeError
from reporting.cube import cube_file
from warehouse.settings import ROOT, Home

#: Between two looks of a page that waits.
LOOK_SECONDS = 0.25
#: Versions and rights of which it is remembered that they were opened.
KEPT = 500
UNDER_WAY = (
    "Les chiffres protégés de cette version se préparent, une fois pour tous les lecteurs : quelques secondes, une "
    "minute au plus sur une machine occupée. Cette page les montrera d'elle-même."
)

_Asked = tuple[Path, int]
_lock = threading.Lock()
_working: dict[_Asked, subprocess.Popen[bytes]] = {}
#: Whose figures were opened: they stay open (connections.py) until a document is issued, which makes others of them.
_opened: set[tuple[Path, Rights]] = set()


def wait_for(version: Path, rights: Rights, place: DeltaGenerator) -> None:
    """Return once this reader's figures of the published file may be opened, saying meanwhile in `place`, which is
    written over afterwards, that they are being made.

    Where making them fails, returns all the same: whoever opens them tries again, and says why.
    """
    if (version, rights) in _opened:
        return
    if not is_made(version, rights.threshold):
        working = start(version, rights.threshold)
        while working is not None and working.poll() is None:
            # Drawn again at each look: a reader who leaves meanwhile is no longer waited for.
            place.info(UNDER_WAY)
            time.sleep(LOOK_SECONDS)
    if len(_opened) >= KEPT:
        _opened.clear()  # they are looked for again
    _opened.add((version, rights))


def is_made(version: Path, threshold: int) -> bool:
    """Whether the protected figures are there, with all that documents have told so far."""
    return cube_file(version, threshold).exists()


def start(version: Path, threshold: int) -> subprocess.Popen[bytes] | None:
    """The process that makes them: the one that already does, else a new one; None where they cannot be kept."""
    asked = (version, threshold)
    with _lock:
        for ended in [one for one, process in _working.items() if process.poll() is not None]:
            del _working[ended]
        working = _working.get(asked)
        if working is None:
            if not _can_be_kept(version):
                return None
            command = [sys.executable, "-m", "reporting.cube", str(version), str(threshold)]
            working = _working[asked] = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
        return working


def start_before_readers(home: Home) -> None:
    """At the start of the server: those of the current version, where somebody outside the team may come."""
    try:
        current = load_programme()
    except ProgrammeError:
        current = None
    if (asked := awaited(home, current)) is not None and not is_made(*asked):
        start(*asked)


def _can_be_kept(version: Path) -> bool:
    """Whether a file may be written beside the version: one who may not write makes them each time."""
    return os.access(version.parent, os.W_OK)
