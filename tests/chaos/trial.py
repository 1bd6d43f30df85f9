"""One trial: a copy of a home, a fault, what readers see at once, the next run, what the home is then.

Does not live here: which faults are tried (families.py), how one is injected (faults.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.lake import Lake
from orchestration.integrity import Finding
from storage.atomic import PARTIAL_SUFFIX
from tests.chaos.faults import Fault, Injector
from tests.chaos.world import World, playing_back, read_fingerprint, read_truth
from warehouse.build.publish import VERSIONS_KEPT
from warehouse.published import builds
from warehouse.settings import Home

#: Names that stay beside what they lock, empty or with the number of a process; and the closed accounts.
LOCKS = {".passnum.lock", ".publish.lock", ".verrou", ".lock", ".format", ".sauvegarde.json"}
LEFT = (PARTIAL_SUFFIX, ".old", ".tmp", ".wal", ".cut")


@dataclass
class Told:
    """How a process ended: its exit code (negative: the signal), and what it printed."""

    code: int
    said: str


@dataclass
class Trial:
    """`befell`: whether the fault came; `wrong`: what did not hold, by kind (perdu, mêlé, bloqué, reste, muet)."""

    name: str
    fault: str
    befell: bool = True
    ended: Told = field(default_factory=lambda: Told(0, ""))
    wrong: list[tuple[str, str]] = field(default_factory=list)


def command(home: Home, *arguments: str, told: bool = False) -> int:
    """`passnum run` on a home, or the command of `arguments`, in this process. Returns the exit code.

    `told`: the arguments name the home themselves.
    """
    import typer

    from orchestration.cli import app

    order = [*arguments] if told else [*(arguments or ("run",)), "--home", str(home.root)]
    code = typer.main.get_command(app).main(order, standalone_mode=False)
    return code if isinstance(code, int) else 0


def apart(work: Callable[[], int], said: Path) -> int:
    """Do the work in a process forked from this one, what it prints in `said`. Returns the number of the process."""
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setpgid(0, 0)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = work()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:  # noqa: BLE001 — the code of a process is all that a fork may leave
        code = int(getattr(error, "exit_code", 70))
        if code == 70:
            traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def ended(process: int, said: Path) -> Told:
    """Wait for the process."""
    _, status = os.waitpid(process, 0)
    return Told(os.waitstatus_to_exitcode(status), said.read_text("utf-8", "replace") if said.exists() else "")


def run_apart(world: World, home: Home, said: Path, before: Callable[[], None] | None = None) -> Told:
    """`passnum run` in a process of its own, dbt played back. `before`: done there first."""

    def work() -> int:
        with playing_back(world):
            if before:
                before()
            return command(home)

    return ended(apart(work, said), said)


def damages(home: Home, look: Callable[[Home], list[Finding]], aside: Path) -> list[str]:
    """What `look` finds to be mended. In a process of its own: whoever forks later must have started no thread."""

    def work() -> int:
        found = [one.said for one in look(home) if one.state == "à réparer"]
        aside.write_text(json.dumps(found), encoding="utf-8")
        return 0

    told = ended(apart(work, aside.with_suffix(".said")), aside.with_suffix(".said"))
    assert told.code == 0, told.said
    return list(json.loads(aside.read_text("utf-8")))


def try_fault(world: World, injector: Injector, start: str, fault: Fault, folder: Path) -> Trial:
    """The home `start`, a run that the fault befalls, then a run without."""
    trial = Trial(start, str(fault))
    home = world.start(start, folder / "home")
    try:
        trial.ended = run_apart(world, home, folder / "said", lambda: injector.arm(fault, home.root))
        _, hits = injector.disarm()
        trial.befell = hits > 0
        see(world, home, start, trial)
        recover(world, home, start, trial, folder / "said2")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return trial


def see(world: World, home: Home, start: str, trial: Trial) -> None:
    """What a reader sees right after the fault: a whole version that was built, or none yet."""
    if not os.path.lexists(home.published):
        if start != "first":
            trial.wrong.append(("perdu", "plus aucune version n'est en ligne"))
        return
    try:
        seen = read_fingerprint(home.published.resolve(strict=True))
    except (duckdb.Error, OSError) as error:
        trial.wrong.append(("perdu", f"la version en ligne ne s'ouvre pas : {error}"))
        return
    if seen not in world.allowed(start):
        trial.wrong.append(("mêlé", f"la version en ligne n'est aucune de celles qui ont été construites : {seen}"))
    told = {_build_of(path) for path in home.parquet.glob("*.parquet")}
    if len(told) > 1:
        trial.wrong.append(("mêlé", f"copies Parquet de plusieurs versions : {told}"))


def recover(world: World, home: Home, start: str, trial: Trial, said: Path) -> None:
    """The next run must publish the truth, and leave nothing else behind."""
    again = run_apart(world, home, said)
    if again.code != 0:
        trial.wrong.append(("bloqué", f"code {again.code} : {again.said[-2000:]}"))
        return
    judge(world, home, start, trial)


def judge(world: World, home: Home, start: str, trial: Trial) -> None:
    """Whether a home is what it must be once all is done."""
    truth, found = world.truths[start], read_truth(home)
    for name in ("fingerprint", "loaded", "received", "originals"):
        if getattr(found, name) != getattr(truth, name):
            differs = f"{name} : {getattr(found, name)} au lieu de {getattr(truth, name)}"
            trial.wrong.append(("perdu", differs[:600]))
    Lake(home.lake).verify()
    waiting = [path for path in home.landing.rglob("*") if path.is_file()]
    if waiting:
        trial.wrong.append(("perdu", f"reste dans la zone de dépôt : {waiting}"))
    current = home.published.resolve()
    if {_build_of(path) for path in home.parquet.glob("*.parquet")} != {current.stem.removeprefix("passnum-")}:
        trial.wrong.append(("mêlé", "les copies Parquet ne sont pas celles de la version en ligne"))
    trial.wrong += [("reste", str(path.relative_to(home.root))) for path in orphans(home)]
    for record in builds.load(home.lake):
        if not (home.lake / builds.BUILDS / record.build_id / builds.CHECKS).is_file():
            trial.wrong.append(("reste", f"passage {record.build_id} sans contrôles"))


def orphans(home: Home) -> list[Path]:
    """What nobody reads and nobody will remove: names of work, folders of builds, versions that no link ever showed."""
    found = [
        path
        for path in home.root.rglob("*")
        if (path.name.startswith(".") and path.name not in LOCKS and path != home.builds)
        or path.name.endswith(LEFT)
        or path.parent == home.builds
        or (path.parent.name in ("_staging", "_rewriting") and path.parent.parent == home.lake)
    ]
    kept = sorted(home.versions.glob("passnum-*.duckdb"), reverse=True)
    known = {record.build_id for record in builds.load(home.lake) if record.status == "published"}
    strangers = [p for p in kept if p.stem.removeprefix("passnum-") not in known and "-2020" not in p.name]
    return found + strangers + kept[VERSIONS_KEPT:]


def _build_of(path: Path) -> str:
    with duckdb.connect() as con:
        row = con.execute(
            f"select decode(value) from parquet_kv_metadata('{path}') where decode(key) = 'build_id'"
        ).fetchone()
    return str(row[0]) if row else ""


def kill_group(process: int) -> None:
    """SIGKILL to a process of `apart` and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process, signal.SIGKILL)
