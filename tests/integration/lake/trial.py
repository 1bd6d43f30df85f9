"""Two builders and twenty readers on one lake at once, builders killed at random: who saw what, and what was left.

`python -m tests.integration.lake.trial SECONDS` (`make lake-trial`) writes the table of docs/echelle-lac.md; the test
of the same in seconds is test_many.py. Every table of a version bears its number: a reader who meets two in one
transaction saw a mix. Does not live here: the server (world.py).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from multiprocessing import get_context
from multiprocessing.context import ForkProcess as Process
from pathlib import Path
from typing import Any

import duckdb

from ingestion.receipt import hash_file
from presentation.french import decimal, integer
from programme.config import load_shared_lake
from programme.models import SharedLake
from storage.sql_text import quoted
from tests.conftest import ROOT
from tests.integration.lake.world import World, cluster, install, make_world, tables_of
from warehouse.build.sharing import synchronise
from warehouse.published import builds
from warehouse.published.builds import BuildRecord
from warehouse.published.shared_lake import NAME, open_lake
from warehouse.published.versions import build_of, build_path, version_paths
from warehouse.settings import Home

BUILDERS, READERS = 2, 20
#: Versions that a builder keeps: each publication expires one, under readers who may be reading it.
KEPT = 4
#: Seconds that a reader does something else between two readings, at most.
ELSEWHERE = 1.0
#: A file that ends the trial.
STOP = "stop"
#: What of a version is published over and over: tables of each schema, small and large; its whole is compared elsewhere
#: (test_registration.py).
TABLES = (
    "core.dim_person", "core.fct_attendance", "core.fct_pass", "marts.indicator", "marts.programme_progress",
    "marts.territory_month", "proof.contribution", "quality.build", "quality.check_result", "quality.table_key",
)  # fmt: skip
#: Column that a variant adds to each table: the number of its version.
MARK = "essai"
#: What a reader is told whose version expired while it was read, which docs/analystes.md says to begin again.
OVERTAKEN = ("No such file", "No snapshot found")
ACCOUNT = ROOT / "docs" / "echelle-lac.md"
BEGINS, ENDS = "<!-- tableau -->\n", "<!-- fin -->\n"


#: What a builder or a reader does: (root, settings, its name, its seed, until when).
Work = Callable[[Path, Path, str, int, float], None]


@dataclass
class Read:
    """What one reader saw. `overtaken`: readings begun again, for the version had expired meanwhile; `errors`: whatever
    else DuckDB said; `waits`: seconds of each whole reading."""

    whole: int = 0
    mixed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    overtaken: int = 0
    seen: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. `lost`: versions that a builder was told were registered and that are not what they were;
    `left`: files that no snapshot knows once the next registration is done; `orphans`: those it removed."""

    seconds: float
    published: int
    killed: int
    reads: list[Read]
    lost: list[str]
    left: list[str]
    orphans: int
    publishing: list[float]


def variant(model: Path, number: int, build: str, path: Path) -> None:
    """A version like `model`, of another build, whose every table says `number`."""
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(model)} as model (read_only)")
        con.execute(f"attach {quoted(path)} as made (storage_version 'v1.4.0')")
        for name in TABLES:
            con.execute(f"create schema if not exists made.{name.split('.')[0]}")
            told = f"replace ({quoted(build)} as build_id)" if name == "quality.build" else ""
            con.execute(f"create table made.{name} as select * {told}, {number} as {MARK} from model.{name}")
        con.execute("delete from made.quality.build where rowid > 0")
        con.execute("checkpoint made")


def build(root: Path, settings: Path, name: str, seed: int, until: float) -> None:
    """A builder: publishes variants one after the other in a home of its own, and notes what it was told."""
    home, chance = Home.at(root / name).create(), random.Random(seed)
    lake = _lake(settings)
    models = sorted((root / "models").glob("*.duckdb"))
    journal = (root / f"{name}.jsonl").open("a", encoding="utf-8")
    while True:
        number = chance.randrange(10**9)
        path = build_path(home, f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{number:09d}")
        variant(models[0], number, build_of(path), aside := root / f"{name}.{number}.duckdb")
        aside.replace(path)
        home.published.unlink(missing_ok=True)
        home.published.symlink_to(path)
        for old in version_paths(home)[KEPT:]:
            old.unlink()
        _note_build(home, build_of(path))
        began = time.time()
        done = synchronise(home, lake, nullcontext)
        entry = {"version": build_of(path), "number": number, "at": time.time(), "seconds": time.time() - began}
        entry |= {"registered": done.registered, "orphans": len(done.orphans), "sha256": hash_file(path)}
        journal.write(json.dumps(entry) + "\n")
        journal.flush()
        if _is_over(root, until):
            return


def read(root: Path, settings: Path, name: str, seed: int, until: float) -> None:
    """A reader: the whole version, table after table in an order of its own, in one transaction; then again, as the
    documentation says. Half of them keep their connection, half open a new one each time."""
    chance, seen = random.Random(seed), Read()
    os.nice(5)  # twenty of them would leave two builders a tenth of the machine
    lake, keeps = _lake(settings), seed % 2 == 0
    con = open_lake(lake)
    while not (_is_over(root, until) and seen.whole):
        began = time.time()
        try:
            if not keeps:
                con.close()
                con = open_lake(lake)
            _read_whole(con, chance, seen)
            seen.waits.append(time.time() - began)
            time.sleep(chance.uniform(0, ELSEWHERE))
        except Exception as error:  # noqa: BLE001 — whatever a reader meets is what the trial is about
            if any(words in str(error) for words in OVERTAKEN):
                seen.overtaken += 1
            else:
                seen.errors.append(f"{type(error).__name__}: {error}"[:300])
            con.close()
            con = open_lake(lake)
    (root / f"{name}.json").write_text(json.dumps(asdict(seen)), encoding="utf-8")


def _read_whole(con: duckdb.DuckDBPyConnection, chance: random.Random, seen: Read) -> None:
    con.execute("begin")
    try:
        names = list(tables_of(con, NAME))
        chance.shuffle(names)
        found = {
            row[0] for name in names for row in con.execute(f"select distinct {MARK} from {NAME}.{name}").fetchall()
        }
        (version,) = con.execute(f"select build_id from {NAME}.quality.build").fetchone() or ("",)
    finally:
        con.execute("rollback")
    if len(found) == 1 and set(names) == set(TABLES) and version.endswith(f"-{next(iter(found)):09d}"):
        seen.whole += 1
        if seen.seen[-1:] != [version]:
            seen.seen.append(version)
    else:
        seen.mixed.append(f"{version} : {sorted(found)} dans {len(names)} tables")


def _is_over(root: Path, until: float) -> bool:
    return time.time() >= until or (root / STOP).exists()


def _lake(settings: Path) -> SharedLake:
    lake = load_shared_lake(settings)
    assert lake is not None
    return lake


def _note_build(home: Home, build_id: str) -> None:
    """Keep that the home made a version, as runs do beside the lake: what is not kept of it any more expires."""
    now = datetime.now(UTC).replace(tzinfo=None)
    record = BuildRecord(build_id, "published", now.date(), now, now, 0.0, 0, "", True, "", "", {})
    folder = home.lake / builds.BUILDS / build_id
    folder.mkdir(parents=True)
    (folder / builds.CHECKS).touch()
    (folder / builds.BUILD).write_bytes(builds.RECORD.dump_json(record))


def run(world: World, model: Path, root: Path, seconds: float, wanted: int = 10**6, seed: int = 11) -> Outcome:
    """The trial: builders are killed at random and started again, until `wanted` versions are registered or `seconds`
    have passed; then each home's next run."""
    (root / "models").mkdir(parents=True)
    shutil.copy(model, root / "models" / "model.duckdb")
    chance, killed = random.Random(seed), 0

    def start(work: Work, name: str, number: int, until: float) -> Process:
        # forked: all is loaded already, and no database is open here
        process = get_context("fork").Process(target=work, args=(root, world.programme, name, number, until))
        process.start()
        return process

    first = start(build, "first", 0, 0)  # one version, that readers find
    first.join()
    assert first.exitcode == 0
    began = time.time()
    until = began + seconds
    builders = {name: start(build, name, rank, until) for rank, name in enumerate(("first", "second"), start=1)}
    readers = [start(read, f"reader-{rank}", rank, until) for rank in range(READERS)]
    published = len(_told(root))
    while time.time() < until and published < wanted:
        # After a version came, so that some come however slow the machine is; at any moment of the next one.
        time.sleep(0.05)
        if len(_told(root)) > published:
            published = len(_told(root))
            time.sleep(chance.uniform(0, 1.5 * _told(root)[-1]["seconds"]))
            name = chance.choice(sorted(builders))
            if builders[name].is_alive():
                builders[name].kill()
                builders[name].join()
                killed += 1
                builders[name] = start(build, name, chance.randrange(10**6), until)
    (root / STOP).touch()
    for process in (*builders.values(), *readers):
        process.join(120)
        assert process.exitcode == 0
    orphans = 0
    for name in sorted(builders):
        orphans += len(synchronise(Home.at(root / name), world.lake, nullcontext).orphans)
    told = _told(root)
    reads = [Read(**json.loads((root / f"reader-{rank}.json").read_text("utf-8"))) for rank in range(READERS)]
    orphans += sum(entry["orphans"] for entry in told)
    kept = {build_of(path) for name in builders for path in version_paths(Home.at(root / name))}
    lost = [str(entry["version"]) for entry in told if entry["version"] in kept and not _is_whole(world, entry)]
    known = set(world.server.psql("select path from mgp.ducklake_data_file;", world.database).split())
    left = [str(path) for path in world.files if path.name not in {Path(one).name for one in known}]
    return Outcome(
        time.time() - began, len(told), killed, reads, lost, left, orphans, [entry["seconds"] for entry in told]
    )


def _told(root: Path) -> list[dict[str, Any]]:
    """What builders noted, each when it was told that its version was registered."""
    lines = [line for path in root.glob("*.jsonl") for line in path.read_text("utf-8").splitlines(keepends=True)]
    return sorted((json.loads(line) for line in lines if line.endswith("\n")), key=lambda entry: entry["at"])


def _is_whole(world: World, entry: dict[str, Any]) -> bool:
    """Whether a version is, by its name, in the lake as it was registered: every table, each with its own number."""
    found = [one for one in world.snapshots() if one.version == entry["version"]]
    if len(found) != 1:
        return False
    with open_lake(world.lake, snapshot=found[0].number) as con:
        names = tables_of(con, NAME)
        marks = {
            row[0] for name in names for row in con.execute(f"select distinct {MARK} from {NAME}.{name}").fetchall()
        }
    return names == set(TABLES) and marks == {entry["number"]}


def tell(outcome: Outcome) -> str:
    """The table of docs/echelle-lac.md."""
    reads = outcome.reads
    waits = sorted(wait for one in reads for wait in one.waits)
    rows = [
        ("durée", f"{decimal(outcome.seconds)} s, {os.cpu_count()} cœurs"),
        ("constructeurs à la fois", str(BUILDERS)),
        ("lecteurs à la fois", str(READERS)),
        ("versions inscrites", integer(outcome.published)),
        ("constructeurs tués (SIGKILL)", integer(outcome.killed)),
        ("lectures d'une version entière", integer(sum(one.whole for one in reads))),
        ("versions différentes vues par un même lecteur, au plus", integer(max(len(one.seen) for one in reads))),
        ("lectures qui mêlaient deux versions", integer(sum(len(one.mixed) for one in reads))),
        ("lectures reprises (version retirée pendant la lecture)", integer(sum(one.overtaken for one in reads))),
        ("autres erreurs d'un lecteur", integer(sum(len(one.errors) for one in reads))),
        ("versions inscrites, puis perdues ou changées", integer(len(outcome.lost))),
        ("fichiers laissés par les tués, enlevés par le passage suivant", integer(outcome.orphans)),
        ("fichiers qui restent sans version", integer(len(outcome.left))),
        ("inscription d'une version, attente de l'autre comprise : médiane", f"{_median(outcome.publishing)} s"),
        ("lecture des tables d'une version : médiane", f"{_median(waits)} s"),
    ]
    body = "\n".join(f"| {what} | {value} |" for what, value in rows)
    return f"| | |\n|---|---:|\n{body}\n\nVu le {date.today():%d/%m/%Y}.\n"


def _median(values: list[float]) -> str:
    return decimal(statistics.median(values), 1) if values else "—"


def main(seconds: float, model: Path) -> int:
    """Run the trial on a server of its own, and write its table. 1 where anything was lost, mixed or left."""
    if why := install():
        sys.stderr.write(f"{why}\n")
        return 1
    root = Path(tempfile.mkdtemp(prefix="passnum-lake-"))
    try:
        with cluster() as server, server.running():
            outcome = run(make_world(server, root / "lake"), model, root / "homes", seconds)
    finally:
        shutil.rmtree(root)
    table = tell(outcome)
    wrong = [*outcome.lost, *outcome.left, *(said for one in outcome.reads for said in (*one.mixed, *one.errors))]
    sys.stdout.write(table + "".join(f"✗ {said}\n" for said in wrong))
    if not wrong:
        head, rest = ACCOUNT.read_text(encoding="utf-8").split(BEGINS)
        ACCOUNT.write_text(head + BEGINS + table + ENDS + rest.split(ENDS)[1], encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), Path(sys.argv[2]).resolve()))
