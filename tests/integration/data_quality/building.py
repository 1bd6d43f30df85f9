"""A warehouse from deliveries, without Dagster nor publication: what the tests of the checks judge.

`python -m tests.integration.data_quality.building SEEDS CARNETS` counts the false alarms of clean simulated programmes,
at their end and at several month ends of their life, each compared with the one before.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import uuid
from datetime import date
from pathlib import Path

import duckdb

from data_quality.context import GateContext
from data_quality.gate import run_checks
from data_quality.registry import all_checks
from ingestion.intake import Folders, ingest
from programme.config import load_programme
from simulation.simulate import simulate
from warehouse.build.candidate import Candidate, prepare
from warehouse.build.transform import build_models
from warehouse.check_result import CheckResult
from warehouse.settings import Home

SECRET = b"a secret for tests, long enough to be one"
TODAY = date(2024, 6, 30)
#: Month ends at which a programme is judged besides its last: start, lockdown, August, lots that end, autumn peak.
MOMENTS = ("2020-11-30", "2021-08-31", "2022-01-31", "2022-10-31")


def take_in(home: Home) -> None:
    """Load what lies in the landing folder of `home` into its lake."""
    folders = Folders(home.landing, home.archive, home.quarantine, home.lake)
    ingest(folders, today=TODAY, secret=SECRET, settle_seconds=0.0)


def build(home: Home, out: Path, until: date | None = None) -> Path:
    """The candidate of the lake of `home` (of its files extracted by `until`), kept as `out`."""
    candidate = build_candidate(home, uuid.uuid4().hex, until)
    shutil.move(candidate.database, out)
    candidate.discard()
    return out


def build_candidate(home: Home, name: str, until: date | None = None) -> Candidate:
    """The candidate called `name` of the lake of `home`, with every model built and nothing tested."""
    candidate = prepare(home, load_programme(), run_id=name, as_of=until, today=TODAY)
    build_models(candidate)
    return candidate


def judge(
    database: Path, previous: Path | None = None, accepted: tuple[str, ...] = (), codes: tuple[str, ...] = ()
) -> dict[str, CheckResult]:
    """Code → result of every check of the suites (of `codes` alone, if any) on a built file, as of its own date."""
    checks = [check for check in all_checks() if not codes or check.code in codes]
    with duckdb.connect(str(database), read_only=True) as con:
        row = con.execute("select max(as_of) from marts.programme_progress").fetchone()
        assert row is not None
        context = GateContext(as_of=row[0], previous=previous, accepted_deliveries=accepted)
        return {result.code: result for result in run_checks(con, context, checks)}


def simulated_home(folder: Path, *, carnets: int, seed: int) -> Home:
    """A home whose lake holds the clean deliveries of a simulated programme."""
    home = Home.at(folder).create()
    home.landing.rmdir()
    simulate(home.landing, carnets=carnets, seed=seed, dirt="clean", programme=load_programme())
    take_in(home)
    return home


def find_alarms(folder: Path, *, carnets: int, seed: int, moments: tuple[str, ...] = MOMENTS) -> list[str]:
    """Every check not ok of a clean programme at its end and at `moments`: « date code status observed »."""
    home = simulated_home(folder / "home", carnets=carnets, seed=seed)
    built = [(day, build(home, folder / f"{day}.duckdb", until=date.fromisoformat(day))) for day in moments]
    return alarms_of([*built, ("fin", build(home, folder / "fin.duckdb"))])


def alarms_of(built: list[tuple[str, Path]]) -> list[str]:
    """The same of these files (day, file), each compared with the one before."""
    alarms: list[str] = []
    before = None
    for day, now in built:
        results = judge(now, previous=before)
        alarms += [f"{day} {r.code} {r.status} {r.observed}" for r in results.values() if r.status != "ok"]
        before = now
    return alarms


def main(first_seed: int, last_seed: int, carnets: int) -> None:
    """Print the false alarms of these seeds."""
    total = 0
    for seed in range(first_seed, last_seed + 1):
        with tempfile.TemporaryDirectory() as folder:
            alarms = find_alarms(Path(folder), carnets=carnets, seed=seed)
        total += len(alarms)
        sys.stdout.write(f"graine {seed}, {carnets} carnets : {len(alarms)} fausse(s) alerte(s)\n")
        sys.stdout.writelines(f"    {alarm}\n" for alarm in alarms)
        sys.stdout.flush()
    sys.stdout.write(f"{total} fausse(s) alerte(s) en tout\n")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
