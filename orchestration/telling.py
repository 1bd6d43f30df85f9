"""What the steps say while they work: French sentences, and where they are (n of N). Whoever listens shows it.

Does not live here: how it is shown (commands/progress.py on a screen, dagster_log.py in Dagster's logs).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

#: The stages whose work is counted, in order, as a person reads them.
READING = "Lecture des fichiers"
MODELS = "Construction des tables"
TESTS = "Contrôles de l'entrepôt"
SUITES = "Contrôles de vraisemblance"
PUBLISHING = "Publication"


class Listener(Protocol):
    """Told of a run as it goes, from whatever thread works."""

    def say(self, message: str) -> None:
        """A sentence in French."""

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        """`done` of `total` of a stage are done (0 of 0: it begins); `name`: what was done last, or is being done."""


_listeners: list[Listener] = []


@contextlib.contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Have `listener` told what the steps of this process do, for the time of the block."""
    _listeners.append(listener)
    try:
        yield
    finally:
        if listener in _listeners:
            _listeners.remove(listener)


def tell(message: str) -> None:
    """Say something to whoever listens."""
    _to_each(lambda listener: listener.say(message))


def begin(stage: str) -> None:
    """Say that a stage begins, before its work can be counted."""
    advance(stage, 0, 0, "")


def advance(stage: str, done: int, total: int, name: str) -> None:
    """Say where a stage is to whoever listens."""
    _to_each(lambda listener: listener.advance(stage, done, total, name))


def _to_each(told: Callable[[Listener], None]) -> None:
    """Who can no longer be told (a closed pipe, a terminal gone) is told no more, and the work goes on."""
    for listener in list(_listeners):
        try:
            told(listener)
        except (OSError, SystemExit):  # rich ends the process of a closed pipe: a publication does not stop for it
            _listeners.remove(listener)
