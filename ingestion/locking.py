"""One lock a home: whoever writes (run, purge) holds it. Does not live here: what is done under it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_NAME = ".passnum.lock"


class HomeIsBusy(Exception):
    """Another run works in this home; the French message says which process and what to do."""


@contextlib.contextmanager
def home_lock(home: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the home's lock for the time of the block.

    The lock belongs to the process: a kill releases it, no file is ever stale. Raises HomeIsBusy when
    another process still holds it after `wait_seconds`.
    """
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, home, wait_seconds)
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, home: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "inconnu"
                raise HomeIsBusy(
                    f"Un autre traitement travaille déjà dans {home} (processus {holder}). "
                    "Attendez sa fin, puis relancez la commande."
                ) from None
            time.sleep(0.2)
