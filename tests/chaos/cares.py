"""A kill, or a full disk, in the middle of what an operator does: a step back, a backup, a restoration.

Does not live here: the faults of a run (families.py), what must hold of a home (trial.py).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from orchestration import backup as backups
from orchestration.integrity import verify_home
from tests.chaos.families import chosen, named_instants, tell_silence
from tests.chaos.faults import Fault, Injector, Kind
from tests.chaos.trial import Told, Trial, apart, command, damages, ended, judge, run_apart, see
from tests.chaos.world import CORRECTED, MADE, World, playing_back
from warehouse.published.held import find_held
from warehouse.published.versions import build_of, current_path
from warehouse.settings import Home


@dataclass
class Place:
    """Where one trial works. `home`: a published home of two versions; `saved`: a backup of it; `out`: for another;
    `anew`: where it is restored."""

    folder: Path
    home: Home
    saved: Path
    out: Path
    anew: Home


def cared(world: World, injector: Injector, kind: Kind, wanted: int) -> Iterator[Trial]:
    """Trials of a fault at chosen changes of each of the three commands in turn, then what an operator would do."""
    asked: dict[str, tuple[Callable[[Place], list[str]], Callable[[World, Place, Trial], None]]] = {
        "rollback": (lambda place: ["rollback", "--home", str(place.home.root)], _stepped_back),
        "backup": (lambda place: ["backup", "--home", str(place.home.root), "--out", str(place.out)], _backed_up),
        "restore": (
            lambda place: [
                "restore", "--no-rehearse", "--from", str(place.saved), "--home", str(place.anew.root)
            ],
            _restored,
        ),
    }  # fmt: skip
    for name, (order, after) in asked.items():
        found = _instants(world, injector, order)
        for at in chosen(found, -(-wanted // len(asked))):
            trial = Trial(MADE, f"{name} : {Fault(kind, at)} ({next(what for what, rank in found if rank == at)})")
            with _place(world) as place:
                arm = partial(injector.arm, Fault(kind, at), place.folder)
                trial.ended = _ended(world, place, order(place), arm)
                _, hits = injector.disarm()
                trial.befell = hits > 0
                tell_silence(trial)
                see(world, place.home, MADE, trial)
                after(world, place, trial)
            yield trial


def _instants(world: World, injector: Injector, order: Callable[[Place], list[str]]) -> list[tuple[str, int]]:
    with _place(world) as place:

        def work(arm: Callable[[], None]) -> Told:
            return _ended(world, place, order(place), arm)

        return named_instants(work, injector, place.folder)


@contextmanager
def _place(world: World) -> Iterator[Place]:
    """A place to work in, removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="passnum-chaos-"))
    folder = root / "here"
    home = world.start(MADE, folder / "home")
    try:
        yield Place(folder, home, world.saved, folder / "out", Home.at(folder / "anew"))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _ended(world: World, place: Place, order: list[str], arm: Callable[[], None]) -> Told:
    """The command in a process of its own; what it prints is not under the folder where faults befall."""

    def work() -> int:
        with playing_back(world):
            arm()
            return command(place.home, *order, told=True)

    said = place.folder.parent / "said"
    return ended(apart(work, said), said)


def _stepped_back(world: World, place: Place, trial: Trial) -> None:
    """The next run finishes a step back that had begun; the hold lifted, it publishes the truth."""
    home = place.home
    if not _ran(world, home, trial):
        return
    held, current = find_held(home), current_path(home)
    if held is not None and (current is None or build_of(current) != held.build_id):
        trial.wrong.append(("mêlé", f"{held.build_id} est maintenue, {current} est en ligne"))
    trial.wrong += [("mêlé", said) for said in damages(home, verify_home, place.folder.parent / "found")]
    see(world, home, MADE, trial)
    if held is not None:
        lifted = _ended(world, place, ["rollback", "--release", "--home", str(home.root)], lambda: None)
        if lifted.code:
            trial.wrong.append(("bloqué", lifted.said[-1500:]))
    if _ran(world, home, trial):
        judge(world, home, CORRECTED, trial)


def _backed_up(world: World, place: Place, trial: Trial) -> None:
    """The home is untouched; the same command makes a backup; no half of one stays, every one is whole."""
    again = _ended(world, place, ["backup", "--home", str(place.home.root), "--out", str(place.out)], lambda: None)
    made = sorted(place.out.glob("passnum-*"))
    if again.code or not made:
        trial.wrong.append(("bloqué", again.said[-1500:]))
    for one in made:
        if wrong := backups.damaged(one, backups.read(one)):
            trial.wrong.append(("perdu", f"sauvegarde abîmée : {wrong[0]}"))
    left = [path.name for path in place.out.glob(".*") if path.name != ".passnum.lock"]
    trial.wrong += [("reste", name) for name in left]
    if _ran(world, place.home, trial):
        judge(world, place.home, CORRECTED, trial)


def _restored(world: World, place: Place, trial: Trial) -> None:
    """No home, or a whole one; where there is none the same command makes it, and a run has nothing to mend."""
    home = place.anew
    if not home.root.exists() or not any(home.root.iterdir()):
        order = ["restore", "--no-rehearse", "--from", str(place.saved), "--home", str(home.root)]
        again = _ended(world, place, order, lambda: None)
        if again.code:
            trial.wrong.append(("bloqué", again.said[-1500:]))
            return
    trial.wrong += [("perdu", said) for said in damages(home, verify_home, place.folder.parent / "found")]
    see(world, home, MADE, trial)
    if _ran(world, home, trial):
        judge(world, home, CORRECTED, trial)
    trial.wrong += [("reste", path.name) for path in place.folder.glob(".*")]


def _ran(world: World, home: Home, trial: Trial) -> bool:
    done = run_apart(world, home, home.root.parent.parent / "said2")
    if done.code:
        trial.wrong.append(("bloqué", f"code {done.code} : {done.said[-1500:]}"))
    return done.code == 0
