"""A step back to a version that is kept: readers see it with its Parquet copies, and it stays until it is lifted.

Call it under the runs' lock. Does not live here: what is said of a hold (published/held.py), the publication
(publish.py), which refuses while one holds.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from storage.atomic import link_atomically, write_atomically
from warehouse.build.fingerprint import fingerprint_tables
from warehouse.build.parquet import export_marts
from warehouse.build.publish import publishers_lock
from warehouse.published.held import Held, held_path
from warehouse.published.versions import (
    NothingPublished,
    build_of,
    connect,
    current_path,
    find_version,
    read_version,
    version_paths,
)
from warehouse.settings import Home

_NO_OTHER = "Aucune version plus ancienne que celle qui est en ligne n'est gardée."


def find_target(home: Home, name: str | None) -> Path:
    """The version to step back to: the one named (a build id or its beginning), else the one before the current.

    Raises NothingPublished (French) where there is none.
    """
    current = current_path(home)
    if name is None:
        paths = [path.resolve() for path in version_paths(home)]
        older = paths[paths.index(current) + 1 :] if current in paths else paths
        if not older:
            newer = ", ".join(build_of(path) for path in paths if path != current)
            raise NothingPublished(_NO_OTHER + (f" Plus récentes, à nommer : {newer}." if newer else ""))
        return older[0]
    found = find_version(home, name).resolve()
    if found.parent != home.versions.resolve():
        raise NothingPublished(f"« {name} » est une version à une date : elle se lit à côté, sans être mise en ligne.")
    return found


def hold(home: Home, target: Path) -> Held:
    """Put the version `target` in line with its Parquet copies, and hold it. Raises duckdb.Error where it is damaged.

    The hold is written first: killed after it, nothing replaces what is in line, and the next run finishes.
    """
    version = read_version(target)
    with connect(target) as con:
        fingerprint_tables(con)  # reads every block of it, each with its checksum
    current = current_path(home)
    before = build_of(current) if current else ""
    held = Held(build_id=version.build_id, since=datetime.now(UTC).replace(tzinfo=None), instead_of=before)
    write_atomically(held_path(home), held.model_dump_json(indent=1).encode())
    put_in_line(home, target)
    return held


def put_in_line(home: Home, target: Path) -> None:
    """Readers see the version `target`, then its Parquet copies. Done again, it finishes what was killed."""
    with publishers_lock(home):
        link_atomically(home.published, target)
        export_marts(target, home.parquet)


def release(home: Home) -> None:
    """Lift the hold: the next run compares, builds and publishes as it always does."""
    held_path(home).unlink(missing_ok=True)
