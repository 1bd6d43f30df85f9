"""Kept versions that must change: pseudonyms cut from them.

A version is written anew beside, table by table, so that nothing of what it held stays in its file, then renamed; of
one that Spark built, the files that hold a pseudonym are.
Does not live here: the publication of a new one, and how many are kept (publish.py).
"""

from __future__ import annotations

import glob
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from storage.atomic import PARTIAL_SUFFIX, fsync_path
from storage.sql_text import quoted
from warehouse.published.person import find_in_versions, places_of
from warehouse.published.spark_folders import spark_folders
from warehouse.published.versions import connect
from warehouse.settings import Home

_SUFFIX = f".cut{PARTIAL_SUFFIX}"


def cut_from_versions(home: Home, keys: Collection[str]) -> list[Path]:
    """Replace the pseudonyms, in every kept version that holds some, by others drawn for that version. Returns them.

    What a version says of its own fingerprint stays that of the day it was built. Call it under the runs' lock.
    """
    for folder in (home.versions, home.as_of_versions, *(path for f in spark_folders(home) for path in f.glob("*/*/"))):
        for left in folder.glob(f".*{_SUFFIX}"):
            left.unlink(missing_ok=True)
    found = list(find_in_versions(home, keys))
    for path in found:
        if path.is_dir():
            _cut_files(path, keys)
        else:
            _cut(path, keys)
    return found


def _cut_files(folder: Path, keys: Collection[str]) -> None:
    """A version of Spark: the files of its tables that hold a pseudonym, all written before the first is replaced."""
    written: list[tuple[Path, Path]] = []
    try:
        with connect(folder) as con:
            _draw(con, keys)
            for table, columns in _by_table(places_of(con, keys)).items():
                for path in sorted(folder.joinpath(*table.split(".")).glob("*.parquet")):
                    rows = f"from read_parquet({quoted(glob.escape(str(path)))})"
                    held = " or ".join(f'"{column}" in (select old from drawn)' for column in columns)
                    if not con.execute(f"select 1 {rows} where {held} limit 1").fetchone():
                        continue
                    aside = path.with_name(f".{path.name}{_SUFFIX}")
                    written.append((aside, path))
                    con.execute(
                        f"copy (select * {_replacing(columns)} {rows}) to {quoted(aside)} (format parquet, codec zstd)"
                    )
                    aside.chmod(0o600)
                    fsync_path(aside)
        for aside, path in written:
            path.with_name(f".{path.name}.crc").unlink(missing_ok=True)  # Hadoop's sum of what the file held
            aside.replace(path)
            fsync_path(path.parent)
    finally:
        for aside, _ in written:
            aside.unlink(missing_ok=True)


def _cut(path: Path, keys: Collection[str]) -> None:
    aside = path.with_name(f".{path.name}{_SUFFIX}")
    aside.unlink(missing_ok=True)
    try:
        with duckdb.connect() as con:
            con.execute(f"attach {quoted(path)} as kept (read_only)")
            (version,) = con.execute(
                "select tags['storage_version'] from duckdb_databases() where database_name = 'kept'"
            ).fetchone() or ("",)
            con.execute(f"attach {quoted(aside)} as anew (storage_version {quoted(_number(version))})")
            con.execute("use kept")
            places = places_of(con, keys)
            con.execute("use memory")
            con.execute("copy from database kept to anew (schema)")
            _copy_rows(con, places, keys)
            con.execute("checkpoint anew")
            con.execute("detach anew")
        fsync_path(aside)
        aside.chmod(0o600)
        aside.replace(path)
        fsync_path(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def _number(told: str | None) -> str:
    """`v1.4.0+` → `v1.4.0`."""
    return (told or "v1.4.0").split("+")[0].strip()


def _copy_rows(con: duckdb.DuckDBPyConnection, places: Iterable[str], keys: Collection[str]) -> None:
    """Every table as it is, but for the columns `places`, where each of the pseudonyms becomes another."""
    _draw(con, keys)
    changed = _by_table(places)
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'kept' and not internal"
    ).fetchall()
    for schema, table in tables:
        replaced = _replacing(changed.get(f"{schema}.{table}", []))
        con.execute(f'insert into anew."{schema}"."{table}" select * {replaced} from kept."{schema}"."{table}"')


def _draw(con: duckdb.DuckDBPyConnection, keys: Collection[str]) -> None:
    con.execute("create temp table drawn (old varchar, anew varchar)")
    con.executemany("insert into drawn values (?, ?)", [(key, secrets.token_hex(32)) for key in sorted(keys)])


def _by_table(places: Iterable[str]) -> dict[str, list[str]]:
    """`schema.table` → its columns, of places `schema.table.column`."""
    found: dict[str, list[str]] = {}
    for place in places:
        table, column = place.rsplit(".", 1)
        found.setdefault(table, []).append(column)
    return found


def _replacing(columns: Iterable[str]) -> str:
    """What follows `select *` for each pseudonym of those columns to become the one that was drawn."""
    told = ", ".join(f'coalesce((select anew from drawn where old = "{c}"), "{c}") as "{c}"' for c in columns)
    return f"replace ({told})" if told else ""
