"""Work done in a process of its own, so that slow imports and Python's own work use the second core of the machine.

A process loads what it needs as soon as it starts, then does what it is asked, one call at a time. What the work says
(telling.py) is said here, what it raises is raised here, and it never outlives this process. Does not live here: what
is done (steps.py), whether a run has such processes (run.py).
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, Protocol, TypeVar

from orchestration.telling import Listener, advance, tell, told_to

P = ParamSpec("P")
T = TypeVar("T")
Load = Callable[[], None]

_WARNINGS = "PYTHONWARNINGS"
_SAID, _ADVANCED, _DONE, _FAILED = "said", "advanced", "done", "failed"


class ProcessLost(Exception):
    """A process of the run ended by itself (French): the system killed it, most often for want of memory."""


class UnspeakableError(Exception):
    """An exception of another process that cannot travel: its class and what it said."""


class Do(Protocol):
    """Calls a function, wherever that is. What is given and what comes back must be able to travel (pickle)."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


def here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `function` in this process."""
    return function(*args, **kwargs)


class Apart:
    """Processes for the time of a block; `allowed` False: everything is done in this one, and nothing is started."""

    def __init__(self, allowed: bool) -> None:
        self._allowed = allowed
        self._started: dict[Load, _Process] = {}

    def start(self, load: Load) -> None:
        """Have a process load what `load` loads; returns at once."""
        if self._allowed and load not in self._started:
            self._started[load] = _Process()
            self._started[load].start(load)

    def having(self, load: Load) -> Do:
        """What calls a function where `load` was done."""
        self.start(load)
        if load in self._started:
            return self._started[load].do
        load()
        return here

    def end(self, load: Load) -> None:
        """Have done with the process that did `load`: its memory is given back."""
        if load in self._started:
            self._started.pop(load).end()

    def end_all(self) -> None:
        """Leave no process behind."""
        for load in list(self._started):
            self.end(load)


@contextlib.contextmanager
def apart(allowed: bool) -> Iterator[Apart]:
    """Processes for the time of the block, whatever ends it."""
    processes = Apart(allowed)
    try:
        yield processes
    finally:
        processes.end_all()


class _Process:
    """One process, as this one sees it."""

    def __init__(self) -> None:
        spawning = multiprocessing.get_context("spawn")  # this process has threads: it must not be forked
        self._connection, self._theirs = spawning.Pipe()
        self._make = spawning.Process
        self._process: Any = None

    def start(self, load: Load) -> None:
        self._process = self._make(target=_serve, args=(self._theirs, load), daemon=True)
        with _without_warning():
            resource_tracker.ensure_running()  # it lets Ctrl-C through as it starts, so it comes first
        with _without_interruption():
            self._process.start()
        self._theirs.close()

    def do(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        with self._alive():
            self._connection.send((function, args, kwargs))
        while True:
            with self._alive():
                what, content = self._connection.recv()
            if what == _SAID:
                tell(content)
            elif what == _ADVANCED:
                advance(*content)
            elif what == _DONE:
                return content  # type: ignore[no-any-return]
            else:
                error, trace = content
                error.add_note(trace)
                raise error

    @contextlib.contextmanager
    def _alive(self) -> Iterator[None]:
        """An exchange with the process. Raises ProcessLost where it is no longer there."""
        try:
            yield
        except (EOFError, OSError) as error:
            self._process.join()
            raise ProcessLost(
                f"Une partie du passage a été arrêtée par le système (code {self._process.exitcode}), le plus souvent "
                "faute de mémoire. La version publiée n'a pas changé. Libérez de la mémoire, puis relancez la commande."
            ) from error

    def end(self) -> None:
        if self._process is not None and self._process.pid is not None:
            self._process.kill()
            self._process.join()
        self._connection.close()


@contextlib.contextmanager
def _without_interruption() -> Iterator[None]:
    """A process started meanwhile never hears of Ctrl-C, which a terminal sends to all: this one ends it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _without_warning() -> Iterator[None]:
    """Python's keeper of semaphores, started with the first process, removes in silence those that dbt leaves."""
    before = os.environ.get(_WARNINGS)
    os.environ[_WARNINGS] = "ignore:resource_tracker"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_WARNINGS]
        else:
            os.environ[_WARNINGS] = before


def _serve(connection: Connection, load: Load) -> None:
    """What the other process does, until this one has done with it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()  # as in the run itself (run.py): what is held ends with the process
    with contextlib.suppress(EOFError, OSError), told_to(_ToParent(connection)):
        _, failed = _attempt(load)
        while True:
            function, args, kwargs = connection.recv()
            result, error = (None, failed) if failed else _attempt(lambda: function(*args, **kwargs))  # noqa: B023
            connection.send((_FAILED, error) if error else (_DONE, result))


def _attempt(work: Callable[[], Any]) -> tuple[Any, tuple[Exception, str] | None]:
    """What `work` returns, or what it raised and its trace, able to travel."""
    try:
        return work(), None
    except Exception as error:  # noqa: BLE001 — raised where the call was made
        trace = "".join(traceback.format_exception(error))
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # noqa: BLE001 — an exception may hold anything
            error = UnspeakableError(f"{type(error).__name__} : {error}")
        return None, (error, trace)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


class _ToParent(Listener):
    """Sends what the work says to the process that asked for it, from whatever thread."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def say(self, message: str) -> None:
        self._send(_SAID, message)

    def advance(self, stage: str, done: int, total: int, name: str) -> None:
        self._send(_ADVANCED, (stage, done, total, name))

    def _send(self, what: str, content: Any) -> None:
        with self._lock:
            self._connection.send((what, content))
