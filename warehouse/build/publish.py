"""The atomic publication of a candidate: complete or not at all, never half, never in a reader's way.

Does not live here: deciding whether a candidate may be published (data_quality), building it (candidate.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
from filelock import FileLock

from presentation.system_errors import explain_error
from storage.atomic import fsync_path, link_atomically, move_atomically
from warehouse.build.left_overs import remove_unpublished
from warehouse.build.parquet import export_marts
from warehouse.published.held import HeldUnreadable, find_held
from warehouse.published.versions import as_of_path, build_of, build_path, current_path, files_of, version_paths
from warehouse.settings import Home

VERSIONS_KEPT = 10
LOCK_NAME = ".publish.lock"


class PublicationError(Exception):
    """The candidate could not be published whole; the last good version stays. The message is French."""


class UnfinishedPublication(Exception):
    """The version is published, readers see it; something that follows a publication failed. The message is French."""

    def __init__(self, failures: list[str]) -> None:
        super().__init__(" ".join(failures))
        self.failures = failures


def publish(candidate: Path, home: Home, build_id: str) -> Path:
    """Make `candidate` the published version of `home`. Returns the real path of the version.

    Checkpoint, no write-ahead log left, reopened read-only with the same row counts, flushed to disk, then the
    link is replaced in one step. Raises PublicationError and changes nothing when any of this fails, when the version
    in line is of a build that began later (a slow one never takes the place of what it did not read), or when it is
    held (rollback.py). The Parquet copies and the oldest versions come after the link: raises UnfinishedPublication
    when one of them fails.
    """
    with publishers_lock(home):
        try:
            held = find_held(home)
        except HeldUnreadable as error:
            raise PublicationError(str(error)) from error
        if held:
            raise PublicationError(held.sentence)
        remove_unpublished(home)
        _refuse_older(home, build_id)
        seal(candidate)
        target = build_path(home, build_id)
        move_atomically(candidate, target)
        try:
            link_atomically(home.published, target)
        except OSError:
            # A version that readers do not see must not pass for the last one.
            if home.published.resolve() != target.resolve():
                target.unlink(missing_ok=True)
            raise
        failures = attempt(
            {
                "Les copies Parquet (warehouse/parquet)": lambda: export_marts(target, home.parquet),
                "Le retrait des versions les plus anciennes (warehouse/versions)": lambda: _forget_old_versions(home),
            }
        )
    if failures:
        raise UnfinishedPublication(failures)
    return target


def _refuse_older(home: Home, build_id: str) -> None:
    current = current_path(home)
    if current is not None and current.is_file():
        refuse_older_than(build_of(current), build_id)


def refuse_older_than(line: str, build_id: str) -> None:
    """A build that began before `line`, the one in line, did not read what that one did. Raises PublicationError."""
    if line > build_id:
        raise PublicationError(
            f"La version {line}, en ligne, a été commencée après celle-ci ({build_id}) : elle y reste, "
            "rien n'a été publié. Relancez « passnum run » : il dira s'il reste quelque chose à construire."
        )


def attempt(chores: Mapping[str, Callable[[], object]]) -> list[str]:
    """Do every chore, whatever became of the others. Returns a French sentence for each that failed.

    `chores`: what is done, as the subject of « … n'a pas abouti » → how.
    """
    failures = []
    for name, do in chores.items():
        try:
            do()
        except Exception as error:  # noqa: BLE001 — one failing never prevents the others, and each is told
            verb = "n'ont pas abouti" if name.startswith("Les ") else "n'a pas abouti"
            failures.append(f"{name} {verb} : {explain_error(error)}.")
    return failures


def _forget_old_versions(home: Home) -> None:
    """The version in line stays, whatever its age: somebody may have put an old one back."""
    current = current_path(home)
    for old in version_paths(home)[VERSIONS_KEPT:]:
        if old.resolve() != current:
            for path in files_of(old):
                path.unlink(missing_ok=True)


def publish_beside(candidate: Path, home: Home, as_of: str) -> Path:
    """Keep `candidate` beside the current version, as the programme was known on `as_of`; the link is untouched."""
    with publishers_lock(home):
        remove_unpublished(home)
        seal(candidate)
        target = as_of_path(home, as_of)
        move_atomically(candidate, target)
    return target


def seal(candidate: Path) -> dict[str, int]:
    """Write everything of `candidate` into its main file and prove it. Returns the row count of each table.

    A disk full at the checkpoint that `close()` runs raises nothing and leaves the data in a `.wal`: hence the
    explicit checkpoint, the check that no `.wal` is left, and the recount on the reopened file.
    """
    with duckdb.connect(str(candidate)) as con:
        expected = row_counts(con)
        con.execute("checkpoint")
    if candidate.with_name(candidate.name + ".wal").exists():
        raise PublicationError(
            "La nouvelle version n'a pas pu être écrite entièrement (disque plein ?) : "
            "libérez de la place, puis relancez « passnum run ». La version précédente reste en ligne."
        )
    with duckdb.connect(str(candidate), read_only=True) as con:
        found = row_counts(con)
    if found != expected:
        raise PublicationError(
            "La nouvelle version relue n'a pas le même nombre de lignes que celle qui a été construite : "
            "elle n'est pas publiée, la version précédente reste en ligne."
        )
    fsync_path(candidate)
    return found


def row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table, by `schema.table`."""
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where not internal order by all"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        row = con.execute(f'select count(*) from "{schema}"."{table}"').fetchone()
        counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def rows_of(database: Path) -> dict[str, int]:
    """`row_counts` of a version or a candidate; empty where it is no longer there."""
    if not database.exists():
        return {}
    with duckdb.connect(str(database), read_only=True) as con:
        return row_counts(con)


@contextlib.contextmanager
def publishers_lock(home: Home) -> Iterator[None]:
    """Two publishers at once both succeed and the last wins silently: one at a time."""
    home.warehouse.mkdir(parents=True, exist_ok=True)
    with FileLock(home.warehouse / LOCK_NAME):
        yield
