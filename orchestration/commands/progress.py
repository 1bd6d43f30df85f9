"""A run as a person sees it go: on a terminal a bar with n of N, the time spent and left; elsewhere plain lines.

Elsewhere (a pipe, cron): one line a stage and no control character, then one a minute while a stage lasts. Does not
live here: what the steps say (orchestration/telling.py), the same in Dagster's logs (orchestration/dagster_log.py).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console

from orchestration.telling import Listener, told_to

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

STARTING = "Démarrage"
#: In plain lines, how long a stage may go on without a word.
QUIET_SECONDS = 60.0
#: Columns of a screen under which the bar keeps only the stage, n of N and the time spent.
NARROW = 90


@contextlib.contextmanager
def shown(console: Console) -> Iterator[None]:
    """Show on `console` what the steps say, for the time of the block."""
    if not console.is_terminal:
        with told_to(_Lines(console)):
            yield
        return
    with _bar(console) as progress, told_to(_Bar(progress)):
        yield


class _Lines(Listener):
    """Plain lines."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told_at = time.monotonic()

    def say(self, message: str) -> None:
        _print(self._console, message)
        self._told_at = time.monotonic()

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        if total and time.monotonic() - self._told_at >= QUIET_SECONDS:
            self.say(f"  {stage} : {done} sur {total} ({name})")


class _Bar(Listener):
    """One bar: the stage under way; it leaves nothing behind but the sentences printed above it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._stage = STARTING
        self._task: TaskID = progress.add_task(STARTING, total=None, name="")

    def say(self, message: str) -> None:
        _print(self._progress.console, message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        if stage != self._stage:
            self._progress.remove_task(self._task)
            self._stage, self._task = stage, self._progress.add_task(stage, total=None, name="")
        if total:
            self._progress.update(self._task, completed=done, total=total, name=name)


def _print(console: Console, message: str) -> None:
    console.print(f"• {message}", soft_wrap=True, markup=False)


def _bar(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.table import Column

    stage = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True))
    count = MofNCompleteColumn(separator=" sur ", table_column=Column(no_wrap=True))
    times = (TimeElapsedColumn(), TextColumn("écoulé, reste", style="dim"), TimeRemainingColumn())
    name = TextColumn("{task.fields[name]}", markup=False, style="dim", table_column=Column(no_wrap=True, ratio=1))
    columns: tuple[ProgressColumn, ...] = (stage, BarColumn(bar_width=20), count, *times, name)
    if console.width < NARROW:
        columns = (stage, count, TimeElapsedColumn())
    return Progress(
        *columns,
        console=console,
        transient=True,
        expand=True,
        refresh_per_second=4,
    )
