"""The published versions: which one is current, and how a reader opens it without ever being in the way.

Does not live here: publishing (build/publish.py). Readers open the REAL path of a version: a process that reconnects
through the link while an old connection lives would get the old data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from presentation.sentences import NOTHING_PUBLISHED
from storage.sql_text import quoted
from warehouse.published.spark_folders import connect_folder
from warehouse.settings import Home

#: What is said of a version from before proof.contribution, which keeps what each line brings to each figure.
TOO_OLD = (
    "La version {build_id} a été construite avant que chaque chiffre ne garde ses lignes : demandez une version plus "
    "récente, ou reconstruisez les données à sa date : « passnum run --as-of {as_of} »."
)


class NothingPublished(Exception):
    """No version was ever published in this home; the French message says what to do."""


@dataclass(frozen=True)
class Version:
    """One published file. `build_id` also names it; `path` is the real path (the key of every cache)."""

    build_id: str
    path: Path
    as_of: date
    published_at: datetime
    is_demo: bool
    fingerprint: str
    #: What it was made of (build/identity.py); None for a version published before identities were kept.
    identity: dict[str, str] | None = None


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a published file, unable to reach any other file; or to a folder of Spark."""
    if path.is_dir():
        return connect_folder(path)
    con = duckdb.connect(str(path), read_only=True)
    con.execute("set enable_external_access = false")
    return con


def ask(con: duckdb.DuckDBPyConnection, sql: str, **values: str | int | date | None) -> list[tuple[Any, ...]]:
    """The rows of `sql`, whose `$names` are written as literals: to bind one value, DuckDB imports pandas whole, which
    costs a command of one question more than its answer."""

    def literal(found: re.Match[str]) -> str:
        value = values[found[1]]
        if value is None or isinstance(value, int):
            return "null" if value is None else str(value)
        return quoted(value) if isinstance(value, str) else f"date {quoted(value)}"

    return con.execute(re.sub(r"\$(\w+)", literal, sql)).fetchall()


def current_path(home: Home) -> Path | None:
    """The real path of the version published last, None before the first publication."""
    return home.published.resolve() if home.published.exists() else None


def current_version(home: Home) -> Version | None:
    """The version published last, None before the first publication."""
    path = current_path(home)
    return None if path is None else read_version(path)


def read_version(path: Path) -> Version:
    """What the published file at `path` says of itself: the row of quality.build of the build it is named for.

    A file under another name (as of a date): the last build it knows of.
    """
    with connect(path) as con:
        own = f"build_id = {quoted(build_of(path))}"
        found = con.execute(f"select * from quality.build order by {own} desc, build_id desc limit 1")
        names = [column[0] for column in found.description or ()]
        row = found.fetchone()
    assert row is not None, f"{path} has no row in quality.build"
    build = dict(zip(names, row, strict=True))
    return Version(
        build["build_id"],
        path,
        build["as_of"],
        build["finished_at"],
        build["is_demo"],
        build["fingerprint"],
        build.get("identity") or None,
    )


def too_old(con: duckdb.DuckDBPyConnection, *tables: str) -> str:
    """Why the version that `con` is on cannot tell its lines (French): it lacks one of `tables` (`schema.name`); empty
    where it has them all."""
    rows = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database()"
    ).fetchall()
    if {(table,) for table in tables} <= set(rows):
        return ""
    build = con.execute("select build_id, as_of from quality.build order by build_id desc limit 1").fetchone()
    build_id, as_of = build or ("", "DATE")
    return TOO_OLD.format(build_id=build_id, as_of=as_of)


def build_of(path: Path) -> str:
    """The build that the file of a version is named for: builds are numbered in the order in which they began."""
    return path.stem.removeprefix("passnum-")


def build_path(home: Home, build_id: str) -> Path:
    """Where the version of a build is, whether it is kept or not."""
    return home.versions / f"passnum-{build_id}.duckdb"


def as_of_path(home: Home, as_of: str) -> Path:
    """Where the programme as it was known on `as_of` (2022-06-30) is kept, once it was built."""
    return home.as_of_versions / f"passnum-asof-{as_of}.duckdb"


def cube_path(version: Path, threshold: int, edition: int, issued: int = 0) -> Path:
    """Where the protected cube of a version is kept, once a page asked for it: it goes when its version does. issued:
    documents that were issued before it was made."""
    return version.with_name(f"{version.stem}.cube-{threshold}-{edition}-{issued}.parquet")


def home_of(version: Path) -> Home:
    """The home that keeps a version, in line or as of a date."""
    return Home.at(version.resolve().parents[2])


def files_of(version: Path) -> list[Path]:
    """A version and what is kept with it."""
    return [version, *version.parent.glob(f"{version.stem}.cube-*"), *version.parent.glob(f".{version.stem}.cube-*")]


def version_paths(home: Home) -> list[Path]:
    """The versions kept, newest first."""
    return sorted(home.versions.glob("passnum-*.duckdb"), reverse=True)


def find_version(home: Home, name: str) -> Path:
    """The version named `name`: a build id, its beginning, `last` (the one in line), `previous` (the one before
    it), or an as-of date (2022-06-30).

    Raises NothingPublished (French) when there is none.
    """
    paths = version_paths(home)
    current = current_path(home) or next(iter(paths), None)
    if name in {"last", "derniere"} and current:
        return current
    if name in {"previous", "precedente"} and current:
        before = [path for path in paths if build_of(path) < build_of(current)]
        if before:
            return before[0]
    dated = as_of_path(home, name)
    if dated.exists():
        return dated
    found = [path for path in paths if build_of(path).startswith(name)]
    if len(found) == 1:
        return found[0]
    if not paths:
        raise NothingPublished(NOTHING_PUBLISHED)
    if name in {"previous", "precedente"}:
        raise NothingPublished("Une seule version a été publiée ici : il n'y en a pas d'avant-dernière.")
    known = ", ".join(build_of(path) for path in found or paths)
    if found:
        raise NothingPublished(f"Plusieurs versions commencent par « {name} » : {known}.")
    dates = ", ".join(sorted(p.stem.removeprefix("passnum-asof-") for p in home.as_of_versions.glob("*.duckdb")))
    more = f" Versions à une date : {dates}." if dates else ""
    raise NothingPublished(f"Aucune version « {name} ». Versions gardées : {known}.{more}")
