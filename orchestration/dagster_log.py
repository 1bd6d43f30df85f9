"""What the steps say, in the log of a Dagster run: each sentence, and where a stage is, every tenth of it.

Does not live here: what is said (steps.py), the same on a screen (commands/progress.py).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

from orchestration.journal import kept
from orchestration.telling import told_to
from warehouse.settings import Home


class _Log:
    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._tenths: dict[str, int] = {}

    def say(self, message: str) -> None:
        self._log.info(message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        tenth = 10 * done // total if total else 0
        if tenth > self._tenths.get(stage, 0):
            self._tenths[stage] = tenth
            self._log.info(f"{stage} : {done} sur {total} ({name})")


@contextlib.contextmanager
def told_in(log: logging.Logger, home: Home | None = None, run: str = "") -> Iterator[None]:
    """Write what the steps say in `log`, for the time of the block; and in the journal of `home`, where it is given."""
    with told_to(_Log(log)), kept(home, run) if home else contextlib.nullcontext():
        yield
