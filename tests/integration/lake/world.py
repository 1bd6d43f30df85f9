"""A real PostgreSQL, a shared folder, settings that name both; and a version of the lake held against its file.

Does not live here: the tests, the trial of many at once (trial.py).
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from filelock import FileLock

from benchmarks.yardsticks import postgres
from programme.config import PROJECT_FOLDER, load_shared_lake
from programme.models import SharedLake
from storage.atomic import link_atomically
from storage.sql_text import quoted
from tests.conftest import ROOT
from warehouse.published.shared_lake import NAME, Snapshot, list_snapshots, open_lake, read_snapshots
from warehouse.published.versions import build_of, version_paths
from warehouse.settings import Home

INSTALL = ROOT / "benchmarks" / "yardsticks" / "install.sh"


@dataclass(frozen=True)
class Server:
    """A cluster of PostgreSQL: stopped and started at will."""

    cluster: Path

    def psql(self, script: str, database: str = postgres.DATABASE) -> str:
        return postgres.psql(self.cluster, script, database)

    def running(self) -> contextlib.AbstractContextManager[None]:
        return postgres.serving(self.cluster, "fsync=off", "max_connections=200")


def install() -> str:
    """Install Debian's PostgreSQL where it is missing. Returns why it could not be, empty where it is there."""
    with FileLock(Path(tempfile.gettempdir()) / "passnum-postgresql.lock"):  # two workers ask at once
        if postgres.binaries() is not None:
            return ""
        done = subprocess.run(["bash", str(INSTALL)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


@contextlib.contextmanager
def cluster() -> Iterator[Server]:
    """A new cluster, stopped, in a folder of its own that the server's user may enter; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="passnum-pg-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        yield Server(postgres.init_cluster(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class World:
    """A lake of its own on a server that runs. `programme`: a folder of settings that names it."""

    server: Server
    programme: Path
    database: str

    @property
    def lake(self) -> SharedLake:
        lake = load_shared_lake(self.programme)
        assert lake is not None
        return lake

    @property
    def files(self) -> list[Path]:
        """The data files of the lake, known to it or not."""
        return sorted(path for path in self.lake.files.rglob("*") if path.is_file())

    def snapshots(self) -> list[Snapshot]:
        return read_snapshots(self.lake)

    def versions(self) -> list[str]:
        """The builds in the lake, in the order in which they were registered."""
        return [one.version for one in self.snapshots()]


def make_world(server: Server, root: Path, content: str = "complet") -> World:
    """A new database and an empty shared folder, and settings that name them: the project's otherwise."""
    database = f"lac_{uuid.uuid4().hex[:10]}"
    server.psql(f"create database {database};")
    (root / "shared").mkdir(parents=True)
    programme = shutil.copytree(
        PROJECT_FOLDER, root / "programme", ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    write_settings(programme, f"host={server.cluster} user={postgres.USER} dbname={database}", root / "shared", content)
    return World(server, programme, database)


def write_settings(programme: Path, catalog: str, folder: Path, content: str = "complet", lake: str = "mgp") -> None:
    """The file lac.yaml of a folder of settings."""
    lines = [f'catalog: "{catalog}"', f"folder: {folder}", f"lake: {lake}", f"content: {content}"]
    (programme / "lac.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def put_in_line(home: Home, build_id: str) -> None:
    """Make readers see a kept version, as its publication did."""
    (path,) = [path for path in version_paths(home) if build_of(path) == build_id]
    link_atomically(home.published, path)


def build_ids(home: Home) -> list[str]:
    """The versions kept, oldest first."""
    return [build_of(path) for path in reversed(version_paths(home))]


def differences(world: World, build_id: str, path: Path) -> tuple[int, int, list[str]]:
    """The version `build_id`, reached by its name, against its file: tables, rows compared, what differs.

    Every row as many times on one side as on the other, every column of the same name and type, in the same order.
    """
    with open_lake(world.lake) as con:
        (number,) = {one.number for one in list_snapshots(con) if one.version == build_id}
    with open_lake(world.lake, snapshot=number) as con:
        con.execute(f"attach {quoted(path)} as kept (read_only)")
        there, here = tables_of(con, NAME), tables_of(con, "kept")
        wrong = [f"{table} : d'un seul côté" for table in there ^ here]
        rows = 0
        for table in sorted(there & here):
            if _columns(con, f"{NAME}.{table}") != _columns(con, f"kept.{table}"):
                wrong.append(f"{table} : colonnes")
                continue
            rows += _count(con, f"kept.{table}")
            for one, other in ((NAME, "kept"), ("kept", NAME)):
                number = _count(con, f"(select * from {one}.{table} except all select * from {other}.{table})")
                wrong += [f"{table} : {number} lignes de {one} seul"] if number else []
    return len(there & here), rows, wrong


def tables_of(con: duckdb.DuckDBPyConnection, database: str) -> set[str]:
    """The tables of an attached database, by `schema.table`."""
    rows = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = ? and not internal",
        [database],
    ).fetchall()
    return {name for (name,) in rows}


def _count(con: duckdb.DuckDBPyConnection, what: str) -> int:
    (number,) = con.execute(f"select count(*) from {what}").fetchone() or (0,)
    return int(number)


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """The columns of a table and their types; a lake holds no key nor constraint."""
    return [(name, kind) for name, kind, *_ in con.execute(f"describe {table}").fetchall()]


def as_user(user: str, catalog: str) -> str:
    """The same connection for another account of PostgreSQL."""
    return catalog.replace(f"user={postgres.USER}", f"user={user}")
