"""What a home no longer needs, and what its going frees: old versions, work folders, logs, the runs Dagster keeps.

Nothing of it is the truth: the lake rebuilds every version. Never the version in line, nor one
that is held. Does not live here: what the law says must go (retention.py).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestration.run import dagster_folder
from presentation.french import count
from warehouse.build.left_overs import find_left_overs
from warehouse.published.held import find_held
from warehouse.published.versions import build_path, current_path, files_of, version_paths
from warehouse.settings import Home


@dataclass(frozen=True)
class Spare:
    """One kind of what may go. `sentence`: what it is (French); `octets`: what that frees; `remove`: how it goes.

    `remove` raises OSError where something of it stays: nobody is told that room was made, where it was not.
    """

    sentence: str
    octets: int
    remove: Callable[[], None]


def find_spare(home: Home, *, versions_kept: int, days: int, now: datetime | None = None) -> list[Spare]:
    """What may go: beyond `versions_kept` versions, and what is older than `days`. Call it under the runs' lock."""
    before = (now or datetime.now(UTC)) - timedelta(days=days)
    # Of what is left over nothing is being written: the lock is ours.
    kinds = {
        ("version de l'entrepôt", "versions de l'entrepôt"): _versions(home, versions_kept),
        ("version à une date", "versions à une date"): _old(home.as_of_versions.glob("*.duckdb"), before),
        ("reste d'un traitement interrompu", "restes de traitements interrompus"): find_left_overs(home),
        ("journal", "journaux"): _old(home.logs.glob("*"), before),
    }
    found = []
    for (one, many), paths in kinds.items():
        taken = list(paths)
        if taken:
            found.append(Spare(count(len(taken), one, many), sum(map(_octets, taken)), _remover(taken)))
    return [*found, *_dagster_runs(home, before)]


def _versions(home: Home, kept: int) -> list[Path]:
    """Oldest first to go; the one in line, the one a person holds, and the newest stay whatever their age."""
    held = find_held(home)
    needed = {current_path(home), build_path(home, held.build_id).resolve() if held else None}
    spare = [path for path in version_paths(home)[max(kept, 1) :] if path.resolve() not in needed]
    return [file for path in spare for file in files_of(path)]


def _old(paths: Iterator[Path], before: datetime) -> list[Path]:
    return [path for path in paths if path.stat().st_mtime < before.timestamp()]


def _octets(path: Path) -> int:
    return sum(p.lstat().st_size for p in path.rglob("*")) if path.is_dir() else path.lstat().st_size


def _remover(paths: list[Path]) -> Callable[[], None]:
    def remove() -> None:
        for path in paths:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    return remove


def _dagster_runs(home: Home, before: datetime) -> Iterator[Spare]:
    """The runs that Dagster keeps of before, ended: their events and their logs. Its database is then written small."""
    folder = dagster_folder(home)
    if folder is None:
        return
    import dagster as dg
    from dagster._core.storage.dagster_run import FINISHED_STATUSES

    with dg.DagsterInstance.from_config(str(folder)) as instance:
        ended = dg.RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before)
        runs = [record.dagster_run.run_id for record in instance.get_run_records(ended)]

    def remove() -> None:
        import sqlite3

        with dg.DagsterInstance.from_config(str(folder)) as instance:
            for run in runs:
                instance.delete_run(run)
        for base in folder.rglob("*.db"):
            with sqlite3.connect(base) as con:
                con.execute("vacuum")
        for run in runs:
            if (folder / "storage" / run).is_dir():
                shutil.rmtree(folder / "storage" / run)

    if runs:
        octets = sum(_octets(path) for run in runs for path in folder.rglob(f"{run}*"))
        yield Spare(f"{count(len(runs), 'passage')} dans la base de Dagster", octets, remove)
