"""Webserver, daemon and pages of one home, started together and ended together, whatever ends one of them.

Does not live here: the command line (commands/serve.py), what each of them is.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.private import write_for_owner
from warehouse.settings import HOME_VARIABLE, QUIET_ENVIRONMENT, ROOT, Home

DAGSTER_VARIABLE = "DAGSTER_HOME"
DEFINITIONS = "orchestration.definitions"
#: How long each may take to end by itself before it is killed.
GRACE_SECONDS = 20.0
#: How long a killed process may take to be gone; one that nobody reaps is not waited for.
GONE_SECONDS = 5.0
#: A log of Dagster longer than that is put aside when `serve` starts; the one put aside before goes.
LOG_OCTETS = 5_000_000
_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Service:
    """One process to keep. `name`: how a person knows it (French). `log`: the file of the home's logs that takes what
    it prints, which is in English and for whoever mends Dagster; None where what it prints is for the screen."""

    name: str
    command: list[str]
    log: str | None = None


def services(
    home: Home, host: str, pages_port: int, dagster_port: int, *, without_sign_in: bool = False
) -> list[Service]:
    """The three, in the order in which they start. `without_sign_in`: the pages open to others without access file."""
    python = [sys.executable, "-m"]
    dashboard = [*python, "orchestration", "dashboard", "--home", str(home.root)]
    dashboard += ["--host", host, "--port", str(pages_port), *(["--sans-connexion"] if without_sign_in else [])]
    return [
        Service(
            "Dagster, ce qui part tout seul",
            [*python, "dagster._daemon", "run", "-m", DEFINITIONS],
            "dagster-planification.log",
        ),
        Service(
            "Dagster, l'interface",
            [*python, "dagster_webserver", "-h", "127.0.0.1", "-p", str(dagster_port), "-m", DEFINITIONS],
            "dagster-interface.log",
        ),
        Service("Tableaux de bord", dashboard),
    ]


def prepare_dagster(home: Home) -> Path:
    """The folder of the home's Dagster, with the settings shipped. Returns it."""
    folder = home.root / "dagster"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(ROOT / "orchestration" / "dagster.yaml", folder / "dagster.yaml")
    return folder


def make_bases(home: Home) -> None:
    """Make Dagster's databases, or open them, before its daemon and its interface start.

    Both make them where they are absent: at once, each may write its own revision, and a database of two revisions is
    refused for ever. One of two revisions is brought back to none, which Dagster takes for an older database of its
    own. What else is wrong is said by the daemon, in its log.
    """
    folder = prepare_dagster(home)
    for base in folder.rglob("*.db"):
        with contextlib.closing(sqlite3.connect(base)) as con, contextlib.suppress(sqlite3.Error), con:
            if con.execute("select count(*) from alembic_version").fetchone()[0] > 1:
                con.execute("delete from alembic_version")
    environment = os.environ | QUIET_ENVIRONMENT | {DAGSTER_VARIABLE: str(folder)}
    subprocess.run(
        [sys.executable, "-m", "dagster", "instance", "info"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )


def keep(home: Home, wanted: list[Service], tell: Callable[[str], None]) -> int:
    """Start them, and stay until one ends or a signal asks to stop; then all end.

    Returns the exit code: 0 where it was asked (Ctrl-C, SIGTERM, a terminal that closes), 1 where one ended by itself.
    """
    write_for_owner()
    environment = os.environ | QUIET_ENVIRONMENT
    environment |= {HOME_VARIABLE: str(home.root), DAGSTER_VARIABLE: str(prepare_dagster(home))}
    asked: list[int] = []
    with _hearing(asked), contextlib.ExitStack() as started:
        running: list[tuple[Service, subprocess.Popen[bytes]]] = []
        started.callback(lambda: _end([process for _, process in running]))
        for service in wanted:
            running.append((service, _start(service, home, environment)))
        while not asked:
            for service, process in running:
                if process.poll() is not None:
                    detail = f" Son journal : {home.logs / service.log}." if service.log else ""
                    tell(f"« {service.name} » s'est arrêté (code {process.returncode}) : tout est arrêté.{detail}")
                    return 1
            time.sleep(0.2)
        tell("Arrêt demandé : tout est arrêté.")
    return 0


def _start(service: Service, home: Home, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Each with what it starts in a group of its own: Ctrl-C comes to this process, and here alone decides."""
    with contextlib.ExitStack() as opened:
        output = None
        if service.log:
            home.logs.mkdir(parents=True, exist_ok=True)
            path = home.logs / service.log
            if path.exists() and path.stat().st_size > LOG_OCTETS:
                path.replace(path.with_name(f"{path.name}.1"))
            output = opened.enter_context(path.open("ab"))
        return subprocess.Popen(
            service.command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output and subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )


@contextlib.contextmanager
def _hearing(asked: list[int]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _ASKED}
    for number in before:
        signal.signal(number, lambda got, _: asked.append(got))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask every group to end, then make it: nothing of it is left."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + GRACE_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, until - time.monotonic()))
    until = time.monotonic() + GONE_SECONDS
    for process in processes:
        while _signal(process, signal.SIGKILL) and time.monotonic() < until:  # until nobody of its group is left
            process.poll()
            time.sleep(0.02)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send a signal to the group of a process. Returns whether there was anybody."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True


def _end_with_parent() -> None:
    """In the child: were this process killed, it would be told to end too (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
