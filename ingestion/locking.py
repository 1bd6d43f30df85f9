"""One lock a home: whoever writes (run, purge) holds it. Does not live here: what is done under it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

LOCK_NAME = ".passnum.lock"
#: How long those who wait wait for what is already at work in the home; their sentences say ten minutes.
LOCK_WAIT_SECONDS = 600.0


class HomeIsBusy(Exception):
    """Another run works in this home; the French message says which process and what to do."""


@contextlib.contextmanager
def home_lock(home: Path, wait_seconds: float = 0.0, tell_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the home's lock for the time of the block. `tell_wait` is called once where it has to be waited for.

    The lock belongs to the process: a kill releases it, no file is ever stale. Raises HomeIsBusy when
    another process still holds it after `wait_seconds`.
    """
    home = Path(home)
    home.mkdir(parents=True, exist_ok=True)
    path = home / LOCK_NAME
    lock = FileLock(path, mode=0o600)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if not wait_seconds:
                raise
            tell_wait()
            lock.acquire(timeout=wait_seconds, poll_interval=0.2)
    except Timeout:
        holder = path.read_text(encoding="utf-8", errors="replace").strip() or "inconnu"
        raise HomeIsBusy(
            f"Un autre traitement travaille déjà dans {home} (processus {holder}). "
            "Attendez sa fin, puis relancez la commande."
        ) from None
    try:
        path.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        lock.release()
