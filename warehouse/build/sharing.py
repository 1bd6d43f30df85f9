"""Published versions registered in the shared lake, each whole and once; those that go expire with their files.

The lake is brought to what the home says: its version in line is the last it registered; what it no longer keeps, or
has cut, is no longer there. Done again, it finishes what failed or was killed. One writer at a time: a lock of
PostgreSQL, which goes with its holder.
Does not live here: opening the lake, what it holds (published/shared_lake.py).
"""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.receipt import hash_file
from programme.models import SharedLake
from storage.atomic import write_atomically
from storage.sql_text import quoted
from warehouse.published import builds
from warehouse.published.shared_lake import (
    CONFLICT,
    NAME,
    SharedLakeError,
    Snapshot,
    connection_words,
    explain,
    list_snapshots,
    load_extensions,
)
from warehouse.published.versions import build_of, current_path, read_version, version_paths
from warehouse.settings import Home

#: How long a writer waits for another, as runs of one home do.
WAIT_SECONDS = 600
#: A transaction is tried so many times where others, who take no lock, write the same tables.
TRIES = 5
#: Files that no snapshot knows go at this age: PostgreSQL may still be committing for a writer that was killed. Where
#: this writer has committed since, that cannot be: it would have met the other's snapshot.
ORPHAN_MINUTES = 10
_CATALOG = "catalog"
_ANOTHER = (
    "Le dossier {files} est celui d'un autre catalogue : y écrire enlèverait ses fichiers. Donnez dans lac.yaml un "
    "autre « folder » ou un autre « lake », ou remettez « catalog »."
)
#: From a version to the database whose tables are registered for it, there for the time of the block.
Source = Callable[[Path], AbstractContextManager[Path]]


@dataclass(frozen=True)
class Plan:
    """What the lake lacks of a home, and has too much: versions to register, in order, and snapshots to expire."""

    register: list[Path]
    forget: list[Snapshot]


@dataclass(frozen=True)
class Done:
    """What was done: build ids registered and expired, files that killed writers had left and that were removed."""

    registered: list[str]
    forgotten: list[str]
    orphans: list[str]


def synchronise(home: Home, lake: SharedLake, source: Source, wait_seconds: float = WAIT_SECONDS) -> Done:
    """Bring the lake to what the home says. Call it under the runs' lock. Raises SharedLakeError (French), OSError.

    A version that was registered stays so whatever fails after it.
    """
    if current_path(home) is None:
        return Done([], [], [])
    try:
        with _alone(lake, wait_seconds) as con:
            wanted = plan_of(home, lake, con).register
            for path in wanted:
                _register(con, lake, path, source)
            gone = plan_of(home, lake, con).forget
            _expire(con, gone)
            orphans = _remove_orphans(con, 0 if wanted else ORPHAN_MINUTES)
    except duckdb.Error as error:
        raise explain(error, lake) from error
    return Done([build_of(path) for path in wanted], [one.version for one in gone], orphans)


def plan_of(home: Home, lake: SharedLake, con: duckdb.DuckDBPyConnection) -> Plan:
    """What the lake lacks, and has too much, as the home now is. Only reads."""
    current = current_path(home)
    assert current is not None, "what was published stays"
    own = {record.build_id for record in builds.load(home.lake)} | {build_of(current)}
    kept = [path.resolve() for path in reversed(version_paths(home))]
    return decide(list_snapshots(con), kept, current, own, lake.content)


def decide(
    snapshots: Sequence[Snapshot], kept: Sequence[Path], current: Path, own: Collection[str], content: str
) -> Plan:
    """The plan for a home. `kept`: its versions, oldest first; `own`: every build it made.

    To register: what was published since the newest it registered, but not registered then; and the version in line,
    unless it is the last of its own. To expire: of its own builds, what is not kept, or not as it was registered (a
    person was cut from it, other tables are asked for), and all but the newest snapshot of a version. Another home's
    are left as they are.
    """
    mine = [one for one in snapshots if one.version in own]
    paths = {build_of(path): path for path in kept}
    fresh = [one for one in mine if one.version in paths and _is_of(one, paths[one.version], content)]
    newest = max((one.version for one in mine), default=None)
    missed = [path for name, path in paths.items() if newest is not None and newest < name < build_of(current)]
    in_line = bool(mine) and mine[-1] in fresh and mine[-1].version == build_of(current)
    last = {one.version: one for one in fresh}
    return Plan(missed + ([] if in_line else [current]), [one for one in mine if last.get(one.version) is not one])


def _is_of(snapshot: Snapshot, path: Path, content: str) -> bool:
    """Whether a snapshot was made from the file as it now is. Its bytes are read only where it was written since."""
    found = path.stat()
    if snapshot.content != content or snapshot.octets != found.st_size:
        return False
    return snapshot.written_ns == found.st_mtime_ns or snapshot.sha256 == hash_file(path)


@contextlib.contextmanager
def _alone(lake: SharedLake, wait_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write, its lake attached, while no other passnum writes in it.

    The lock is of a transaction of PostgreSQL: whoever is killed lets go of it.
    """
    if not Path(lake.folder).is_dir():
        raise SharedLakeError(f"Le dossier du lac partagé, {lake.folder}, n'est pas là : le partage est-il monté ?")
    with load_extensions() as con:
        con.execute(f"attach {quoted(connection_words(lake))} as {_CATALOG} (type postgres)")
        with con.cursor() as lock:
            lock.execute("begin")
            number = f"hashtextextended({quoted(f'passnum {lake.lake}')}, 0)"
            for order in (
                f"set local lock_timeout = {round(wait_seconds * 1000)}",
                "set local idle_in_transaction_session_timeout = 0",
                f"select pg_advisory_xact_lock({number})",
            ):
                lock.execute(f"call postgres_execute('{_CATALOG}', {quoted(order)})")
            # Rows in files alone: none in the catalogue, which more people may read.
            options = f"metadata_schema {quoted(lake.lake)}, data_path {quoted(f'{lake.files}/')}"
            words = quoted(f"ducklake:postgres:{connection_words(lake)}")
            con.execute(f"attach {words} as {NAME} ({options}, data_inlining_row_limit 0)")
            _claim(con, lake)
            yield con


def _claim(con: duckdb.DuckDBPyConnection, lake: SharedLake) -> None:
    """Mark the folder as that of this catalogue: what a catalogue does not know of its folder is removed.

    Raises SharedLakeError where the files are another catalogue's (a database of trials, another server).
    """
    (uuid,) = con.execute(
        f'select schema_uuid::varchar from {_CATALOG}."{lake.lake}".ducklake_schema order by schema_id limit 1'
    ).fetchone() or ("",)
    mark = Path(lake.folder) / f".{lake.lake}.catalogue"
    if not mark.exists() and not list_snapshots(con) and any(lake.files.rglob("*.parquet")):
        raise SharedLakeError(_ANOTHER.format(files=lake.files))
    if not mark.exists():
        write_atomically(mark, uuid.encode())
    if mark.read_text(encoding="utf-8") != uuid:
        raise SharedLakeError(_ANOTHER.format(files=lake.files))


def _register(con: duckdb.DuckDBPyConnection, lake: SharedLake, path: Path, source: Source) -> None:
    """One version, in one transaction: done again where somebody who took no lock wrote the same tables meanwhile."""
    import tenacity  # of the extra `lake`, as the extensions are: their absence is told first

    tries = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(TRIES),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
        retry=tenacity.retry_if_exception(lambda error: CONFLICT in str(error)),
        reraise=True,
    )
    with source(path) as database:
        con.execute(f"attach {quoted(database)} as version (read_only)")
        try:
            tries(_write, con, lake, path)
        finally:
            con.execute("detach version")


def _write(con: duckdb.DuckDBPyConnection, lake: SharedLake, path: Path) -> None:
    version, found = read_version(path), path.stat()
    told = {
        "version": version.build_id,
        "as_of": version.as_of.isoformat(),
        "content": lake.content,
        "is_demo": version.is_demo,
        "fingerprint": version.fingerprint,
        "file": {"sha256": hash_file(path), "octets": found.st_size, "written_ns": found.st_mtime_ns},
    }
    con.execute("begin")
    try:
        _copy_tables(con)
        message = f"Version {version.build_id}, données au {version.as_of:%d/%m/%Y}"
        con.execute(
            f"call {NAME}.set_commit_message('passnum', {quoted(message)}, extra_info => {quoted(json.dumps(told))})"
        )
        _open_to_group(lake)
        con.execute("commit")
    except BaseException:
        with contextlib.suppress(duckdb.Error):  # a commit that failed has ended its transaction
            con.execute("rollback")
        raise


def _copy_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Every table of the version, with its comments, in the place of those of the version before."""
    listed = "select schema_name, table_name, comment from duckdb_tables() where database_name = {} and not internal"
    tables = con.execute(listed.format("'version'")).fetchall()
    names = {(schema, table) for schema, table, _ in tables}
    for schema, table, _ in con.execute(listed.format(quoted(NAME))).fetchall():
        if (schema, table) not in names:
            con.execute(f'drop table {NAME}."{schema}"."{table}"')
    for schema, table, comment in tables:
        con.execute(f'create schema if not exists {NAME}."{schema}"')
        name = f'"{schema}"."{table}"'
        con.execute(f"create or replace table {NAME}.{name} as select * from version.{name}")
        if comment:
            con.execute(f"comment on table {NAME}.{name} is {quoted(comment)}")
    columns = con.execute(
        "select schema_name, table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'version' and not internal and comment is not null"
    ).fetchall()
    for schema, table, column, comment in columns:
        if (schema, table) in names:
            con.execute(f'comment on column {NAME}."{schema}"."{table}"."{column}" is {quoted(comment)}')


def _open_to_group(lake: SharedLake) -> None:
    """Give the group of the shared folder, on what is in this lake, what it has there: passnum writes for its owner
    alone. Nobody else has anything."""
    given = Path(lake.folder).stat().st_mode & (stat.S_IRGRP | stat.S_IXGRP)
    if not given & stat.S_IRGRP:
        return
    for path in (lake.files, *lake.files.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | (given if path.is_dir() else stat.S_IRGRP)
        if mode != wanted:
            path.chmod(wanted)


def lost_files(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Files that the current version of the lake names, and that are not there."""
    tables = con.execute(
        f"select schema_name, table_name from duckdb_tables() where database_name = '{NAME}' and not internal"
    ).fetchall()
    found = []
    for schema, table in tables:
        rows = con.execute(
            f"select data_file from ducklake_list_files('{NAME}', {quoted(table)}, schema => {quoted(schema)})"
        ).fetchall()
        found += [path for (path,) in rows if not Path(path).is_file()]
    return found


def _expire(con: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot]) -> None:
    """Forget snapshots, and at once the files that only they had: what was erased must be readable nowhere."""
    if snapshots:
        numbers = ", ".join(str(one.number) for one in snapshots)
        con.execute(f"call ducklake_expire_snapshots('{NAME}', versions => [{numbers}])")
    con.execute(f"call ducklake_cleanup_old_files('{NAME}', cleanup_all => true)")


def _remove_orphans(con: duckdb.DuckDBPyConnection, minutes: int) -> list[str]:
    """Remove the files that no snapshot knows, written by whoever was killed before they committed. Returns them."""
    age = f"older_than => now()::timestamp - interval '{minutes} minutes'" if minutes else "cleanup_all => true"
    rows = con.execute(f"call ducklake_delete_orphaned_files('{NAME}', {age})").fetchall()
    return [str(row[0]) for row in rows]
