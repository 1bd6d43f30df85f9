"""The shared lake (DuckLake): opening it, and which versions it holds. One snapshot of it is one version, whole.

The catalogue is a schema of PostgreSQL, the files are Parquet in a shared folder (programme/lac.yaml); the extensions
are loaded from the wheels of the extra `lake`, never fetched. Does not live here: registering a version in it, expiring
one (build/sharing.py), the settings (programme).
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from presentation.system_errors import find_system_error, tell_error
from programme.models import SharedLake
from storage.sql_text import quoted

#: The name under which the lake is attached, here and in what analysts are given.
NAME = "passnum"
EXTENSIONS = ("postgres_scanner", "ducklake")
#: What DuckLake says where another writer changed the same tables first: the whole transaction is to be done again.
CONFLICT = "Transaction conflict"
_ANSWER_SECONDS = 10


class SharedLakeError(Exception):
    """The shared lake cannot be read or written; the French message says why and what to do."""


class NoExtension(SharedLakeError):
    """The wheels of the extra `lake` are not installed."""


@dataclass(frozen=True)
class Snapshot:
    """One version in the lake. Grain: one snapshot. `since`: when it was registered (UTC without zone).

    `content`: see SharedLake. `sha256`, `octets`, `written_ns`: the file it was made from, as it was then.
    """

    number: int
    since: datetime
    version: str
    as_of: date
    content: str
    is_demo: bool
    sha256: str
    octets: int
    written_ns: int


def load_extensions() -> duckdb.DuckDBPyConnection:
    """A connection that knows DuckLake and PostgreSQL, and asks no network for anything else. Raises NoExtension."""
    con = duckdb.connect()
    con.execute("set autoinstall_known_extensions = false")
    for name in EXTENSIONS:
        spec = importlib.util.find_spec(f"duckdb_extension_{name}")
        path = Path(spec.origin or "").parent / "extensions" / f"v{duckdb.__version__}" if spec else None
        if path is None or not (path / f"{name}.duckdb_extension").is_file():
            raise NoExtension(
                f"Le lac partagé demande l'extension « {name} » de DuckDB {duckdb.__version__} : installez-la avec "
                "« pip install 'passnum[lake]' » (« make setup » l'installe aussi)."
            )
        con.execute(f"load {quoted(path / f'{name}.duckdb_extension')}")
    return con


def connection_words(lake: SharedLake) -> str:
    """The connection to PostgreSQL, which is not waited for forever."""
    waits = "" if "connect_timeout" in lake.catalog else f" connect_timeout={_ANSWER_SECONDS}"
    return lake.catalog + waits


def attach_sql(lake: SharedLake, *, snapshot: int | None = None) -> str:
    """What a reader runs: the current version, or the one of a snapshot, under the name `passnum`, read-only."""
    which = f", snapshot_version {snapshot}" if snapshot is not None else ""
    options = f"metadata_schema {quoted(lake.lake)}, read_only{which}"
    return f"attach {quoted(f'ducklake:postgres:{lake.catalog}')} as {NAME} ({options})"


def open_lake(lake: SharedLake, *, snapshot: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection on which the lake is `passnum`, at a snapshot where one is given.

    Raises SharedLakeError (French).
    """
    con = load_extensions()
    try:
        con.execute(attach_sql(lake, snapshot=snapshot))
    except duckdb.Error as error:
        con.close()
        raise explain(error, lake) from error
    return con


def list_snapshots(con: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """The versions that the lake holds, in the order in which they were registered: the last one is the current."""
    rows = con.execute(
        f"select snapshot_id, snapshot_time, commit_extra_info from {NAME}.snapshots() "
        "where commit_extra_info is not null order by snapshot_id"
    ).fetchall()
    return [_snapshot(number, at, json.loads(told)) for number, at, told in rows]


def read_snapshots(lake: SharedLake) -> list[Snapshot]:
    """`list_snapshots` of a lake that is opened for that, and closed. Raises SharedLakeError (French)."""
    with open_lake(lake) as con:
        return list_snapshots(con)


def _snapshot(number: int, at: datetime, told: dict[str, Any]) -> Snapshot:
    since = at.astimezone(UTC).replace(tzinfo=None)
    as_of = date.fromisoformat(told["as_of"])
    file = told["file"]
    return Snapshot(
        number, since, told["version"], as_of, told["content"], told["is_demo"],
        file["sha256"], file["octets"], file["written_ns"],
    )  # fmt: skip


def find_snapshot(snapshots: list[Snapshot], name: str) -> Snapshot:
    """The version named `name` (a build id or its beginning), in its newest snapshot. Raises SharedLakeError."""
    found = {one.version: one for one in snapshots if one.version.startswith(name)}
    if len(found) == 1:
        return next(iter(found.values()))
    known = ", ".join(dict.fromkeys(one.version for one in snapshots)) or "aucune"
    if found:
        raise SharedLakeError(f"Plusieurs versions du lac commencent par « {name} » : {', '.join(found)}.")
    raise SharedLakeError(f"Aucune version « {name} » dans le lac partagé. Versions inscrites : {known}.")


def explain(error: duckdb.Error, lake: SharedLake) -> SharedLakeError:
    """What DuckDB says of the lake, in French; in its own words where it is none of the usual."""
    said = str(error)
    place = f"Le catalogue du lac partagé ({lake.catalog})"
    if "Unable to connect" in said or "server closed the connection" in said or "terminating connection" in said:
        if "database" in said and "does not exist" in said:
            return SharedLakeError(
                f"{place} n'existe pas : créez cette base (createdb), ou corrigez dbname= dans lac.yaml."
            )
        why = "refuse ce compte" if "authentication" in said or "password" in said else "ne répond pas"
        mend = "vérifiez que PostgreSQL tourne, « catalog » dans lac.yaml, et le mot de passe (~/.pgpass)"
        return SharedLakeError(f"{place} {why} : {mend}.")
    if "lock timeout" in said:
        return SharedLakeError("Un autre passage écrit dans le lac partagé depuis trop longtemps.")
    if "permission denied" in said:
        return SharedLakeError(f"{place} refuse ce compte : demandez les droits sur le schéma « {lake.lake} ».")
    if "does not exist" in said and "DuckLake" in said:
        return SharedLakeError(f"Le lac partagé « {lake.lake} » n'a encore aucune version : « passnum lake sync ».")
    if "does not match existing data path" in said:
        return SharedLakeError(
            f"Le lac partagé « {lake.lake} » a été fait dans un autre dossier que {lake.folder} : remettez « folder » "
            "dans lac.yaml, ou donnez un autre nom à « lake », et un lac neuf est fait."
        )
    if CONFLICT in said:
        return SharedLakeError("Le lac partagé était écrit par d'autres au même instant, à chaque essai.")
    if system := find_system_error(error):
        return SharedLakeError(f"Le lac partagé ({lake.folder}) ne peut pas être écrit : {tell_error(system)}.")
    return SharedLakeError(f"Le lac partagé ne peut pas servir ({type(error).__name__}) : {said.splitlines()[0]}")
