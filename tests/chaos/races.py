"""Several processes at once on one home: two runs, readers of the published file, a report, a purge, a backup, a step
back.

Does not live here: faults (families.py), what a home must be then (trial.py).
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration import backup as backups
from tests.chaos.trial import Trial, apart, command, ended, judge, recover, see
from tests.chaos.world import CORRECTED, World, playing_back
from warehouse.build.rollback import release
from warehouse.published.held import find_held
from warehouse.published.versions import connect, current_path, read_version
from warehouse.settings import Home


@dataclass
class Readers:
    """Open the published file again and again while something else goes on, as a page does."""

    home: Home
    allowed: set[str]
    opened: int = 0
    wrong: list[str] = field(default_factory=list)

    def __enter__(self) -> Readers:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.is_set():
            try:
                path = current_path(self.home)
                assert path is not None, "plus aucune version"
                version = read_version(path)
                with connect(path) as con:
                    rows = con.execute("select count(*) from marts.programme_progress").fetchone()
                assert rows and rows[0], "une page sans chiffre"
                if version.fingerprint not in self.allowed:
                    self.wrong.append(f"version inconnue : {version.fingerprint}")
            except (duckdb.Error, OSError, AssertionError) as error:
                self.wrong.append(f"{type(error).__name__} : {error}")
            self.opened += 1


def raced(world: World, wanted: int) -> Iterator[Trial]:
    """Each kind of race in turn. `Trial.fault` ends with how many times a reader opened the published file."""
    kinds: tuple[tuple[str, list[tuple[str, ...]]], ...] = (
        ("deux passages", [("run",), ("run",)]),
        ("passage et lecteurs", [("run",)]),
        ("passage et rapport de qualité", [("run",), ("report", "quality")]),
        ("passage, purge et lecteurs", [("run",), ("purge", "--yes")]),
        ("passage, sauvegarde et lecteurs", [("run",), ("backup", "--out")]),
        ("sauvegarde, passage et lecteurs", [("backup", "--out"), ("run",)]),
        ("passage, retour en arrière et lecteurs", [("run",), ("rollback",)]),
    )
    for number in range(wanted):
        name, commands = kinds[number % len(kinds)]
        folder = Path(tempfile.mkdtemp(prefix="passnum-chaos-"))
        home = world.start(CORRECTED, folder / "home")
        trial = Trial(CORRECTED, name)
        commands = [(*asked, str(folder / "out")) if "--out" in asked else asked for asked in commands]
        # forked before the readers' thread is
        started = [apart(_work(world, home, asked), folder / f"said{rank}") for rank, asked in enumerate(commands)]
        with Readers(home, world.allowed(CORRECTED)) as readers:
            told = [ended(process, folder / f"said{rank}") for rank, process in enumerate(started)]
        for asked, one in zip(commands, told, strict=True):
            busy = asked[0] in ("purge", "rollback") and one.code == 1 and "travaille déjà" in one.said
            if one.code != 0 and not busy:
                trial.wrong.append(("bloqué", f"{asked[0]} : code {one.code} : {one.said[-1500:]}"))
        trial.wrong += [("mêlé", said) for said in sorted(set(readers.wrong))]
        trial.fault += f" : {readers.opened} ouvertures"
        see(world, home, CORRECTED, trial)
        for made in (folder / "out").glob("[!.]*"):
            if wrong := backups.damaged(made, backups.read(made)):
                trial.wrong.append(("perdu", f"sauvegarde abîmée : {wrong[0]}"))
        if find_held(home):
            release(home)
            recover(world, home, CORRECTED, trial, folder / "said")
        else:
            judge(world, home, CORRECTED, trial)
        shutil.rmtree(folder, ignore_errors=True)
        yield trial


def _work(world: World, home: Home, asked: tuple[str, ...]) -> Callable[[], int]:
    def work() -> int:
        with playing_back(world):
            return command(home, *asked)

    return work
