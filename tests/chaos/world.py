"""Two homes to break, made once: a first delivery that waits, and a published one where a correction waits.

dbt and the suites work for real here, once; in the trials what they made is given back (`playing_back`): a trial is
then a second of reading, keeping, publishing and telling, all of it real. Does not live here: the trials.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from ingestion.lake import Lake
from ingestion.receipt import hash_file
from orchestration import backup as backups
from tests.factories import settle, write_delivery
from tests.integration.golden import deliveries
from warehouse.build import transform
from warehouse.build.candidate import Candidate
from warehouse.build.fingerprint import combine, fingerprint_tables
from warehouse.settings import Home

FIRST, CORRECTED, MADE = "first", "corrected", "made"
#: The starts of a trial → what the version must be made of once the home has recovered.
STARTS = (FIRST, CORRECTED)
CORRECTION = "prescriptions_2022-12-01.csv"
OLD_VERSIONS = 10


@dataclass(frozen=True)
class Truth:
    """What a home must hold once it has recovered. `loaded`, `received`: the receipts; `originals`: their sha256."""

    fingerprint: str
    loaded: frozenset[tuple[str, int, int, int]]
    received: frozenset[tuple[str, str]]
    originals: frozenset[str]


@dataclass(frozen=True)
class World:
    """`root`/first and `root`/corrected are homes to copy, `root`/made what comes of both; `truths`: by start.

    `saved`: a backup of `root`/made.
    """

    root: Path
    truths: dict[str, Truth]

    @property
    def saved(self) -> Path:
        (found,) = (self.root / "saved").glob("passnum-*")
        return found

    def start(self, name: str, to: Path) -> Home:
        """A copy of the home `name`, to break. Retired versions, never written to again, are links."""
        shutil.copytree(self.root / name, to, symlinks=True, copy_function=_copy)
        if (to / "landing").is_dir():
            settle(to / "landing")
        return Home.at(to)

    def allowed(self, start: str) -> set[str]:
        """Fingerprints that readers may see at any instant of a trial that began at `start`."""
        known = {self.truths[FIRST].fingerprint}
        return known if start == FIRST else known | {self.truths[CORRECTED].fingerprint}


def _copy(source: str, target: str) -> None:
    if f"passnum-{_OLD}" in source:
        with contextlib.suppress(OSError):  # another disk
            os.link(source, target)
            return
    shutil.copy2(source, target)


_OLD = "2020"


def make_world(root: Path, run: Any) -> World:
    """Fill `root`. `run`: runs `passnum run` on a home, for real, and raises unless it publishes."""
    first = Home.at(root / FIRST)
    deliveries.drop(first.landing)
    truths = {}
    played = root / "played"
    played.mkdir()
    made = root / "made"
    shutil.copytree(first.root, made, copy_function=shutil.copy2)
    with _recording(played):
        run(Home.at(made))
        truths[FIRST] = read_truth(Home.at(made))
        corrected = root / CORRECTED
        shutil.copytree(made, corrected, symlinks=True)
        _grow_old(Home.at(corrected))
        (line,) = [row for row in deliveries.prescriptions() if row["id_prescription"] == "P08"]
        for place in (made, corrected):
            write_delivery(place / "landing", CORRECTION, [line | {"code_insee": "94080"}])
        run(Home.at(made))
    truths[CORRECTED] = read_truth(Home.at(made))
    backups.make(Home.at(made), None, root / "saved")
    return World(root, truths)


def _grow_old(home: Home) -> None:
    """As many versions as are kept, so that a publication retires one."""
    current = home.published.resolve()
    for year in range(OLD_VERSIONS - 1):
        shutil.copy2(current, home.versions / f"passnum-{_OLD}010{year + 1}T060000Z-00000{year}.duckdb")


def read_truth(home: Home) -> Truth:
    """What a home holds now."""
    import hashlib

    lake = Lake(home.lake)
    kept = [path for path in home.archive.rglob("*") if path.is_file() and path.name != "rapport.md"]
    return Truth(
        read_fingerprint(home.published.resolve()),
        frozenset((r.file_id, r.rows, r.lines_accepted, r.lines_rejected) for r in lake.receipts()),
        frozenset((r.file_name, r.outcome) for r in lake.other_receipts()),
        frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in kept),
    )


def read_fingerprint(path: Path) -> str:
    """The fingerprint of what a version holds, computed anew unless the same bytes were read before."""
    content = hash_file(path)
    if content not in _READ:
        with duckdb.connect(str(path), read_only=True) as con:
            _READ[content] = combine(fingerprint_tables(con))
    return _READ[content]


#: sha256 of a version → its fingerprint.
_READ: dict[str, str] = {}


@contextmanager
def _recording(folder: Path) -> Iterator[None]:
    real = transform.build_and_test

    def record(candidate: Candidate, on_node: Any = None, on_test: Any = None) -> Any:
        told = real(candidate, on_node, on_test)
        shutil.copyfile(candidate.database, folder / f"{candidate.inputs_sha256}.duckdb")
        (folder / f"{candidate.inputs_sha256}.pickle").write_bytes(pickle.dumps(told))
        return told

    with mock.patch.object(transform, "build_and_test", record), _without_suites():
        yield


@contextmanager
def _without_suites() -> Iterator[None]:
    """Great Expectations judges nothing of a trial: its six seconds of import would be those of every trial."""
    from data_quality import validation
    from orchestration import verdict

    with mock.patch.object(verdict, "_run_suites", _nothing_to_say), mock.patch.object(validation, "load", _nothing):
        yield


@contextmanager
def playing_back(world: World) -> Iterator[None]:
    """dbt gives back what it made of the same files when the world was made; of other files it has nothing."""

    def play(candidate: Candidate, on_node: Any = None, on_test: Any = None) -> Any:
        kept = world.root / "played" / f"{candidate.inputs_sha256}.duckdb"
        # in pieces, by calls that may fail: as dbt's DuckDB writes
        with kept.open("rb") as source, candidate.database.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        return pickle.loads(kept.with_suffix(".pickle").read_bytes())

    with (
        mock.patch.object(transform, "build_and_test", play),
        mock.patch.object(transform, "load", _nothing),
        _without_suites(),
    ):
        yield


def _nothing() -> None: ...


def _nothing_to_say(*_: object) -> list[Any]:
    return []
