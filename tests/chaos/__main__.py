"""Try every family of faults and write the table of docs/chaos.md. Exit code 1 when a trial did not survive.

`python -m tests.chaos [PART [FOLDER]]`: PART of the trials, 1 by default, 0.1 for a tenth (the table is then not
written). Two processes share the families. FOLDER keeps what was seen: the families that are whole in it are not tried
again. Does not live here: the families (families.py, cares.py, races.py).
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import os
import pickle
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from tests.chaos.faults import STATE_VARIABLE, Injector, Kind, restart_with_faults
from tests.chaos.trial import Trial, apart, command, ended
from tests.chaos.world import CORRECTED, World, make_world, playing_back
from warehouse.settings import ROOT, Home

ACCOUNT = ROOT / "docs" / "chaos.md"
BEGINS, ENDS = "<!-- tableau -->\n", "<!-- fin -->\n"
WORKERS = 2
SEED = 19
KINDS = ("perdu", "mêlé", "bloqué", "reste", "muet")
#: Family → how many trials.
FAMILIES = {
    "kill -9 injecté dans un retour en arrière, une sauvegarde, une restauration": 42,
    "disque plein injecté dans un retour en arrière, une sauvegarde, une restauration": 9,
    "un bit inversé dans la version en ligne, pendant un passage": 10,
    "plusieurs à la fois": 21,
    "un bit inversé": 40,
    "disque plein, vrai (tmpfs)": 26,
    "disque plein à partir d'un changement, injecté": 20,
    "erreur du disque (EIO) à un changement, injectée": 16,
    "kill -9 au hasard, commande entière (dbt et Great Expectations)": 4,
    "kill -9 au hasard": 102,
    "kill -9 injecté avant un changement du disque": 170,
}


def _trials(family: str, world: World, injector: Injector, wanted: int) -> Iterator[Trial]:
    from tests.chaos import cares, families, races

    chance = random.Random(SEED)
    made: dict[str, Callable[[], Iterator[Trial]]] = dict(
        zip(
            FAMILIES,
            (
                lambda: cares.cared(world, injector, Kind.KILL, wanted),
                lambda: cares.cared(world, injector, Kind.FULL, wanted),
                lambda: families.flipped_meanwhile(world, wanted, chance),
                lambda: races.raced(world, wanted),
                lambda: families.flipped(world, wanted, chance),
                lambda: families.really_full(world, wanted, chance),
                lambda: families.injected(world, injector, Kind.FULL, wanted),
                lambda: families.injected(world, injector, Kind.FAIL_ONCE, wanted, errno.EIO),
                lambda: families.whole_killed_by_chance(world, wanted, chance),
                lambda: families.killed_by_chance(world, wanted, chance),
                lambda: families.injected(world, injector, Kind.KILL, wanted),
            ),
            strict=True,
        )
    )
    return made[family]()


def work(root: Path, family: str, wanted: int) -> None:
    """One family, in a process of its own: a line of JSON a trial."""
    from warehouse.build import transform

    transform.project_manifest()
    world = pickle.loads((root / "world.pickle").read_bytes())
    _load_once(world, root)
    seen = root / f"{list(FAMILIES).index(family)}.jsonl"
    under_way = seen.with_suffix(".part")
    with under_way.open("w", encoding="utf-8") as stream:
        for trial in _trials(family, world, Injector(), wanted):
            stream.write(json.dumps(asdict(trial), ensure_ascii=False) + "\n")
            stream.flush()
    under_way.replace(seen)


def _load_once(world: World, root: Path) -> None:
    """Load here what a run loads, for every process forked from this one; nothing is run here: a fork has no thread."""
    names, home = (root / f"{os.getpid()}.{what}" for what in ("modules", "home"))

    def work() -> int:
        with playing_back(world):
            code = command(world.start(CORRECTED, home))
        names.write_text("\n".join(sys.modules), encoding="utf-8")
        return code

    told = ended(apart(work, names.with_suffix(".said")), names.with_suffix(".said"))
    assert told.code == 0, told.said
    for name in names.read_text("utf-8").splitlines():
        with contextlib.suppress(ImportError):  # a part of another, which makes it itself
            importlib.import_module(name)
    shutil.rmtree(home)


def main(part: float, kept: Path | None) -> int:
    """Make the world, share the families between processes, tell what was seen."""
    began = time.monotonic()
    root = kept or Path(tempfile.mkdtemp(prefix="passnum-chaos-"))
    root.mkdir(exist_ok=True)
    secret = root / "secret"
    secret.write_text("f3a91c5de7420b86d1f0e95c7a3b8246" * 2, encoding="ascii")
    secret.chmod(0o600)
    os.environ |= {
        "PASSNUM_SECRET_FILE": str(secret), "XDG_CONFIG_HOME": str(root / "config"), "PASSNUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip

    def run(home: Home) -> None:
        told = ended(apart(lambda: command(home), root / "said"), root / "said")
        assert told.code == 0, told.said

    sys.stdout.write("Deux dossiers de données sont préparés…\n")
    if not (root / "world.pickle").exists():
        (root / "world.pickle").write_bytes(pickle.dumps(make_world(root / "world", run)))
    wants = [not (root / f"{rank}.jsonl").exists() for rank in range(len(FAMILIES))]
    shares = [(family, max(round(wanted * part), 1)) for family, wanted in FAMILIES.items()]
    waiting = [share for share, is_wanted in zip(shares, wants, strict=True) if is_wanted]
    running: dict[subprocess.Popen[bytes], str] = {}
    failed = []
    while waiting or running:
        while waiting and len(running) < WORKERS:
            family, wanted = waiting.pop(0)
            sys.stdout.write(f"{family} : {wanted} essais…\n")
            sys.stdout.flush()
            alone = {name: value for name, value in os.environ.items() if name != STATE_VARIABLE}
            arguments = [sys.executable, "-m", "tests.chaos", "--family", str(root), family, str(wanted)]
            running[subprocess.Popen(arguments, env=alone, cwd=ROOT)] = family
        time.sleep(0.5)
        for process in [one for one in running if one.poll() is not None]:
            family = running.pop(process)
            failed += [family] * bool(process.returncode)
    told = {family: _read(root / f"{rank}.jsonl") for rank, family in enumerate(FAMILIES)}
    return _tell(told, failed, part, time.monotonic() - began)


def _read(path: Path) -> list[Trial]:
    return [Trial(**json.loads(line)) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def _tell(told: dict[str, list[Trial]], failed: list[str], part: float, seconds: float) -> int:
    rows = ["| ce qui arrive | essais | survécus | " + " | ".join(KINDS) + " |", "|---|" + "---:|" * (2 + len(KINDS))]
    for family, trials in told.items():
        real = [trial for trial in trials if trial.befell]
        kinds = [sum(any(kind == one for one, _ in trial.wrong) for trial in trials) for kind in KINDS]
        survived = sum(not trial.wrong for trial in real)
        rows.append(f"| {family} | {len(real)} | {survived} | " + " | ".join(map(str, kinds)) + " |")
        for trial in trials:
            for kind, said in trial.wrong:
                sys.stdout.write(f"✗ {family} · {trial.name} · {trial.fault} · {kind} : {said}\n")
        missed = len(trials) - len(real)
        if missed:
            sys.stdout.write(f"{family} : {missed} essais finis avant que rien n'arrive, non comptés.\n")
    opened = sum(int(trial.fault.rsplit(" : ", 1)[1].split()[0]) for trial in told["plusieurs à la fois"])
    rows.append(f"\nPendant les essais à plusieurs, la version en ligne a été ouverte {opened} fois.")
    rows.append(f"Vu le {date.today():%d/%m/%Y}, en {seconds / 60:.0f} minutes sur {os.cpu_count()} cœurs partagés.")
    table = "\n".join(rows) + "\n"
    sys.stdout.write(f"{table}\n" + "".join(f"Famille interrompue : {family}\n" for family in failed))
    if part == 1 and not failed:
        text = ACCOUNT.read_text(encoding="utf-8")
        head, rest = text.split(BEGINS)
        ACCOUNT.write_text(head + BEGINS + table + ENDS + rest.split(ENDS)[1], encoding="utf-8")
    return int(bool(failed) or any(trial.wrong for trials in told.values() for trial in trials))


if __name__ == "__main__":
    restart_with_faults("tests.chaos")
    if sys.argv[1:2] == ["--family"]:
        work(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(main(float(sys.argv[1] if sys.argv[1:] else 1), Path(sys.argv[2]) if sys.argv[2:] else None))
