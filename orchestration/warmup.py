"""Slow imports in a thread of their own, while files are read and SQL runs; each is awaited by the step that uses it.

One import at a time, and the main thread enters none of these packages before it has waited for theirs: two threads
inside one package may each see half of it. Does not live here: what is done with them (steps.py).
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

#: What each step needs, in the order it is needed.
DBT = ("dbt.adapters.duckdb.connections", "dbt.adapters.duckdb", "dbt.cli.main")
SUITES = ("data_quality.gate", "great_expectations", "great_expectations.expectations")


class Warmup:
    """Imports asked for ahead of their use."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self._asked: dict[tuple[str, ...], Future[None]] = {}

    def start(self, modules: tuple[str, ...]) -> None:
        """Import `modules` as soon as those asked before are there; returns at once."""
        if modules not in self._asked:
            self._asked[modules] = self._thread.submit(_import, modules)

    def wait(self, modules: tuple[str, ...]) -> None:
        """Return once `modules` are imported; raises here what their import raised there."""
        self.start(modules)
        self._asked[modules].result()


@contextlib.contextmanager
def warming_up() -> Iterator[Warmup]:
    """A warm-up for the time of the block: what was asked for and has not begun when it ends is not imported."""
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passnum-imports")
    try:
        yield Warmup(thread)
    finally:
        thread.shutdown(wait=True, cancel_futures=True)


def _import(modules: tuple[str, ...]) -> None:
    for name in modules:
        importlib.import_module(name)
