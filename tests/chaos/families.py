"""The families of faults, and the trials of each: kills, refusals of the disk, full disks, flipped bits.

Does not live here: several processes at once (races.py), one trial (trial.py), the table (__main__.py).
"""

from __future__ import annotations

import contextlib
import errno
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from orchestration import doctor
from tests.chaos.faults import Fault, Injector, Kind
from tests.chaos.trial import (
    Told,
    Trial,
    apart,
    command,
    damages,
    ended,
    kill_group,
    recover,
    run_apart,
    see,
    try_fault,
)
from tests.chaos.world import CORRECTED, STARTS, World, playing_back
from warehouse.settings import ROOT, Home

_NUMBERS = re.compile(r"[0-9a-f]{6,}|\d+")
#: How many seconds of a run played back a kill by chance may come in, and of a whole one.
PLAYED_SECONDS, WHOLE_SECONDS = 1.6, 14.0
DRAWS_A_KILL = 3


def instants(world: World, injector: Injector, start: str) -> list[tuple[str, int]]:
    """Every change to the disk that a run from `start` makes, in order: what it is (numbers left out), its rank."""
    with tempfile.TemporaryDirectory(prefix="passnum-chaos-") as aside:
        folder = Path(aside)
        home = world.start(start, folder / "home")
        return named_instants(lambda arm: run_apart(world, home, folder / "said", arm), injector, home.root)


def named_instants(work: Callable[[Callable[[], None]], Told], injector: Injector, root: Path) -> list[tuple[str, int]]:
    """Every change under `root` that `work` makes once what it is given was called."""
    with tempfile.TemporaryFile(prefix="passnum-chaos-") as log:
        told = work(lambda: injector.arm(Fault(Kind.COUNT, 0), root, log.fileno()))
        injector.disarm()
        assert told.code == 0, told.said
        log.seek(0)
        lines = [line.split(" ", 1) for line in log.read().decode().splitlines()]
    return [(_NUMBERS.sub("#", what), int(rank)) for rank, what in lines]


def chosen(found: list[tuple[str, int]], wanted: int) -> list[int]:
    """`wanted` ranks: the first of each kind of change, then the last, then others, as far apart as they can be."""
    by_kind: dict[str, list[int]] = {}
    for what, rank in found:
        by_kind.setdefault(what, []).append(rank)
    firsts = [ranks[0] for ranks in by_kind.values()]
    lasts = [ranks[-1] for ranks in by_kind.values() if len(ranks) > 1]
    kept = list(dict.fromkeys([*firsts, *lasts]))
    rest = [rank for _, rank in found if rank not in kept]
    every = sorted(kept) if len(kept) >= wanted else sorted([*kept, *_spread(rest, wanted - len(kept))])
    return _spread(every, wanted)


def _spread(ranks: list[int], wanted: int) -> list[int]:
    if len(ranks) <= wanted:
        return ranks
    return [ranks[round(place * (len(ranks) - 1) / max(wanted - 1, 1))] for place in range(wanted)]


def injected(world: World, injector: Injector, kind: Kind, wanted: int, error: int = errno.EIO) -> Iterator[Trial]:
    """Trials of a fault at chosen changes, half from each start."""
    for start in STARTS:
        found = instants(world, injector, start)
        for at in chosen(found, -(-wanted // len(STARTS))):
            trial = try_fault(world, injector, start, Fault(kind, at, error), _folder())
            trial.fault += f" ({next(what for what, rank in found if rank == at)})"
            tell_silence(trial)
            yield trial


def tell_silence(trial: Trial) -> None:
    """What the screen must say: a refusal of the disk by its name, and never a traceback nor « inattendue »."""
    told = trial.ended
    if told.code == -signal.SIGKILL:
        return
    if told.code not in (0, 1, 5):
        trial.wrong.append(("muet", f"code {told.code} : {told.said[-1500:]}"))
    elif told.code and not re.search(r"disque|espace|écriture", told.said):
        trial.wrong.append(("muet", told.said[-1500:]))
    if "Traceback" in told.said or "inattendue" in told.said:
        trial.wrong.append(("muet", told.said[-1500:]))


def killed_by_chance(world: World, wanted: int, chance: random.Random) -> Iterator[Trial]:
    """SIGKILL at an instant drawn at random."""

    def killed(home: Home, after: float, said: Path) -> Told:
        def work() -> int:
            with playing_back(world):
                return command(home)

        process = apart(work, said)
        time.sleep(after)
        kill_group(process)
        return ended(process, said)

    yield from _by_chance(world, wanted, lambda: chance.uniform(0.0, PLAYED_SECONDS), "kill -9 après {:.3f} s", killed)


def whole_killed_by_chance(world: World, wanted: int, chance: random.Random) -> Iterator[Trial]:
    """The same of the command itself, with its processes: dbt works for real, and so does Great Expectations."""

    def killed(home: Home, after: float, _: Path) -> Told:
        process = subprocess.Popen(
            [sys.executable, "-m", "orchestration", "run", "--home", str(home.root)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
        said = process.communicate()[0]
        return Told(process.returncode, said)

    told = "kill -9 de tout le groupe après {:.1f} s"
    yield from _by_chance(world, wanted, lambda: chance.uniform(0.5, WHOLE_SECONDS), told, killed)


def _by_chance(
    world: World, wanted: int, draw: Callable[[], float], told: str, killed: Callable[[Home, float, Path], Told]
) -> Iterator[Trial]:
    """From each start in turn: killed after the seconds drawn, then recovered, until `wanted` were.

    On a fast machine a run may end before its kill: it is no trial, and another is drawn.
    """
    befell = number = 0
    while befell < wanted and number < DRAWS_A_KILL * wanted:
        start, after = STARTS[number % 2], draw()
        number += 1
        folder = _folder()
        trial = Trial(start, told.format(after))
        home = world.start(start, folder / "home")
        trial.ended = killed(home, after, folder / "said")
        trial.befell = trial.ended.code == -signal.SIGKILL
        befell += trial.befell
        yield _recovered(world, home, start, trial, folder)


def really_full(world: World, wanted: int, chance: random.Random) -> Iterator[Trial]:
    """A disk of its own, filled but for a few megabytes drawn at random: what the system does, not what it would do.

    Needs the right to mount; without it there is no trial, and the table says so.
    """
    for number in range(wanted):
        start = STARTS[number % 2]
        folder = _folder()
        (folder / "disk").mkdir()
        size = 400 * 1024**2
        mounted = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "passnum-chaos", str(folder / "disk")]
        if subprocess.run(mounted, capture_output=True, check=False).returncode:
            shutil.rmtree(folder)
            return
        try:
            home = world.start(start, folder / "disk" / "home")
            free = shutil.disk_usage(home.root).free
            left = chance.randrange(0, 30 * 1024**2)
            filler = folder / "disk" / "filler"
            with filler.open("wb") as stream:
                os.posix_fallocate(stream.fileno(), 0, max(free - left, 1))
            trial = Trial(start, f"disque de {left // 1024} Kio libres")
            trial.ended = run_apart(world, home, folder / "said")
            trial.befell = trial.ended.code != 0
            tell_silence(trial)
            see(world, home, start, trial)
            filler.unlink()
            recover(world, home, start, trial, folder / "said2")
            yield trial
        finally:
            subprocess.run(["umount", str(folder / "disk")], capture_output=True, check=False)
            shutil.rmtree(folder, ignore_errors=True)


#: What of a published home a bit is flipped in, and how many times in a round.
PLACES = (
    "lake/[!_]*/*/rows.parquet", "lake/[!_]*/*/rejected.parquet", "lake/[!_]*/*/issues.parquet",
    "lake/[!_]*/*/receipt.json", "lake/[!_]*/*/rapport.md", "archive/[0-9]*/*", "reports/data_docs/index.html",
    "lake/_builds/*/build.json", "lake/_builds/*/checks.parquet", "lake/_builds/*/confirmed.json",
    "lake/_builds/*/seal.json", "warehouse/versions/passnum-202[!0]*", "warehouse/parquet/*.parquet",
)  # fmt: skip


def flipped(world: World, wanted: int, chance: random.Random) -> Iterator[Trial]:
    """One bit of one file. A run then mends what can be rebuilt, or names the file; put back, all is as it was."""
    for number in range(wanted):
        folder = _folder()
        home = world.start(CORRECTED, folder / "home")
        path = chance.choice(sorted(home.root.glob(PLACES[number % len(PLACES)])))
        before = path.read_bytes()
        at = chance.randrange(len(before) * 8)
        damaged = bytearray(before)
        damaged[at // 8] ^= 1 << at % 8
        path.chmod(0o600)
        path.write_bytes(bytes(damaged))
        name = str(path.relative_to(home.root))
        trial = Trial(CORRECTED, f"bit {at} de {_NUMBERS.sub('#', name)}")
        found = damages(home, doctor.examine, folder / "found")
        trial.ended = run_apart(world, home, folder / "said")
        trial.befell = _answer(home, path, before, damaged, trial, found)
        recover(world, home, CORRECTED, trial, folder / "said2")
        shutil.rmtree(folder, ignore_errors=True)
        yield trial


def flipped_meanwhile(world: World, wanted: int, chance: random.Random) -> Iterator[Trial]:
    """One bit of the version in line, or of a copy, at an instant drawn at random of a run that goes on."""
    for _ in range(wanted):
        folder = _folder()
        home = world.start(CORRECTED, folder / "home")

        def work(home: Home = home) -> int:
            with playing_back(world):
                return command(home)

        process = apart(work, folder / "said")
        after = chance.uniform(0.0, PLAYED_SECONDS)
        time.sleep(after)
        with contextlib.suppress(FileNotFoundError):  # the copies are being exchanged
            path = chance.choice([home.published.resolve(), *sorted(home.parquet.glob("*.parquet"))[:1]])
            content = bytearray(path.read_bytes())
            at = chance.randrange(len(content) * 8)
            path.chmod(0o600)
            with path.open("r+b") as stream:
                stream.seek(at // 8)
                stream.write(bytes([content[at // 8] ^ 1 << at % 8]))
        trial = Trial(CORRECTED, f"bit inversé dans {path.parent.name} après {after:.3f} s d'un passage")
        trial.ended = ended(process, folder / "said")
        if trial.ended.code not in (0, 1, 5) or "Traceback" in trial.ended.said:
            trial.wrong.append(("muet", f"code {trial.ended.code} : {trial.ended.said[-1500:]}"))
        recover(world, home, CORRECTED, trial, folder / "said2")
        shutil.rmtree(folder, ignore_errors=True)
        yield trial


def _answer(home: Home, path: Path, before: bytes, damaged: bytearray, trial: Trial, found: list[str]) -> bool:
    """Whether the flip was answered. Put right what only a backup can put right."""
    flat = trial.ended.said.replace("\n", "")
    still = path.exists() and path.read_bytes() == bytes(damaged)
    named = path.name in flat or path.parent.name in flat or str(path.parent) in flat
    if trial.ended.code not in (0, 1):
        trial.wrong.append(("muet", f"code {trial.ended.code} : {trial.ended.said[-1500:]}"))
    if trial.ended.code == 1 and not named:
        trial.wrong.append(("muet", f"le fichier n'est pas nommé : {trial.ended.said[-1500:]}"))
    is_old_version = path.parent == home.versions
    if trial.ended.code == 0 and still and not named and not is_old_version:
        told = " ".join(found)
        if path.name not in told and path.parent.name not in told:
            trial.wrong.append(("muet", "ni le passage ni « passnum doctor » ne le disent"))
    if still:
        path.write_bytes(before)
    return True


def _recovered(world: World, home: Home, start: str, trial: Trial, folder: Path) -> Trial:
    try:
        see(world, home, start, trial)
        recover(world, home, start, trial, folder / "said2")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return trial


def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="passnum-chaos-"))
