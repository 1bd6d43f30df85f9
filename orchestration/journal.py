"""The journal of a home: what every run said and how it ended, one JSON object a line, for machines that gather logs.

Beside the French screen, never instead of it: `logs/passages.jsonl`, which turns by itself (five of 5 MB). Does not
live here: what is said (steps.py), metrics and lineage (observed.py).
"""

from __future__ import annotations

import contextlib
import json
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from orchestration.telling import told_to
from warehouse.settings import Home

NAME = "passages.jsonl"
_OCTETS, _KEPT = 5_000_000, 5


class _Quiet(RotatingFileHandler):
    """A disk that takes no more lines stops no run."""

    def handleError(self, record: logging.LogRecord) -> None:
        return


class Journal:
    """Writes the lines of one run; a listener of what its steps say."""

    def __init__(self, home: Home, run: str) -> None:
        self._run = run
        self._handler = _Quiet(home.logs / NAME, maxBytes=_OCTETS, backupCount=_KEPT, encoding="utf-8", delay=True)

    def say(self, message: str) -> None:
        self.write("said", message=message.strip())

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        """A stage that begins and one that ends: what is between is for the screen."""
        if done == total:
            self.write("stage", stage=stage, done=done)

    def write(self, event: str, level: str = "info", **more: Any) -> None:
        """One line: when (UTC), which run, what."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"at": at, "run": self._run, "level": level, "event": event, **more}, ensure_ascii=False)
        self._handler.emit(logging.makeLogRecord({"msg": line}))

    def close(self) -> None:
        self._handler.close()


@contextlib.contextmanager
def kept(home: Home, run: str = "") -> Iterator[Journal]:
    """Write what the steps of this process say, for the time of the block, and what ends it when it raises."""
    journal = Journal(home, run or uuid.uuid4().hex)
    try:
        with told_to(journal):
            yield journal
    except BaseException as error:
        journal.write("raised", "error", kind=type(error).__name__)
        raise
    finally:
        journal.close()
