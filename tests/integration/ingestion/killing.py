"""A kill at a chosen instant, in process: from it on, no file is opened for writing, renamed, made or removed.

Works by Python's audit events, so nothing of the code under test is replaced; `finally` blocks cannot tidy up
either, as after a real SIGKILL. Does not live here: real kills (test_order).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache

_EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.chmod", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Killed(BaseException):
    """The process is dead."""


class _Switch:
    armed = False
    error: BaseException | None = None
    left = 0
    passed = 0


def _watch(event: str, args: tuple) -> None:
    if not _Switch.armed:
        return
    if event == "open":
        flags = args[2]
        if not isinstance(flags, int) or not flags & _WRITING:
            return
    elif event not in _EVENTS:
        return
    if "__pycache__" in str(args[0]):  # what Python compiles of a module imported meanwhile is no change of ours
        return
    if _Switch.left <= 0:
        raise _Switch.error or Killed
    _Switch.left -= 1
    _Switch.passed += 1


@cache
def _watch_this_process() -> None:
    """A hook cannot be taken away, and slows whatever follows a little: put in place by the first who needs it."""
    sys.addaudithook(_watch)


def run_until(operations: int, work: Callable[[], object], error: OSError | None = None) -> bool:
    """Do the work, dead before its next change to the disk after that many. True when it came to its end alive.

    `error`: not dead, but refused every change from then on, as on a disk that the system has made read-only.
    """
    _watch_this_process()
    _Switch.armed, _Switch.left, _Switch.passed, _Switch.error = True, operations, 0, error
    try:
        work()
    except Killed:
        return False
    finally:
        _Switch.armed = False
    return True


def count_operations(work: Callable[[], object]) -> int:
    """How many changes to the disk the work makes."""
    assert run_until(1_000_000, work)
    return _Switch.passed
