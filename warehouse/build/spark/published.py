"""The publication of what Spark built: a folder of Parquet tables, and a link to the one in line.

As a DuckDB version is (warehouse/build/publish.py): whole or not at all, in one step, never an older one over a newer.
`passnum.duckdb`, in the folder, names its tables for who opens it with DuckDB. Imports no Spark. Does not live here:
the build (build.py), whether it may be published (data_quality), reading them (warehouse/published/spark_folders.py).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from storage.atomic import (
    PARTIAL_SUFFIX,
    folder_atomically,
    fsync_path,
    fsync_paths,
    link_atomically,
    remove_left_overs,
    write_atomically,
)
from storage.sql_text import quoted
from warehouse.build.publish import PublicationError, publishers_lock, refuse_older_than
from warehouse.published.spark_folders import (
    CATALOGUE,
    DESCRIPTION,
    current_folder,
    describe,
    files_of_table,
    name_tables,
    tables_of,
)
from warehouse.settings import Home

#: A folder weighs what a version's file does; readers that are slow keep the one before.
VERSIONS_KEPT = 3
SCHEMAS = ("core", "proof", "marts", "quality")


def publish(
    tables: Path, home: Home, build_id: str, as_of: date, rows: Mapping[str, int], identity: Mapping[str, str]
) -> Path:
    """Make `tables` (`<schema>/<table>/*.parquet`) the version in line. Returns its folder.

    `rows`: what the build counted in each table; it is counted again from the files. `identity`: what it is made of
    (build/identity.py). Raises PublicationError (French) and changes nothing where they differ, or where the version
    in line is of a later build.
    """
    with publishers_lock(home):
        home.spark_versions.mkdir(parents=True, exist_ok=True)
        remove_left_overs(home.spark_versions)
        line = current_folder(home)
        if line is not None:
            refuse_older_than(line.name, build_id)
        _seal(tables, build_id, as_of, rows, identity)
        target = home.spark_versions / build_id
        tables.rename(target)
        write_catalogue(target)
        fsync_path(home.spark_versions)
        link_atomically(home.spark_published, target)
        for old in sorted(home.spark_versions.glob("[!.]*"), reverse=True)[VERSIONS_KEPT:]:
            if old != current_folder(home):
                shutil.rmtree(old, ignore_errors=True)
    return target


def publish_beside(
    tables: Path, home: Home, build_id: str, as_of: date, rows: Mapping[str, int], identity: Mapping[str, str]
) -> Path:
    """Keep `tables` beside the version in line, as the programme was known on `as_of`; the link is untouched."""
    with publishers_lock(home):
        home.spark_as_of.mkdir(parents=True, exist_ok=True)
        remove_left_overs(home.spark_as_of)
        _seal(tables, build_id, as_of, rows, identity)
        target = home.spark_as_of / as_of.isoformat()
        with folder_atomically(target, replace=True) as aside:
            for path in tables.iterdir():
                path.rename(aside / path.name)
        write_catalogue(target)
    return target


def write_catalogue(folder: Path) -> None:
    """Write `passnum.duckdb` in a folder that is in its place: a view a table, that names its files. Again where the
    folder was moved."""
    path = folder / CATALOGUE
    aside = path.with_name(f".{CATALOGUE}{PARTIAL_SUFFIX}")
    aside.unlink(missing_ok=True)
    try:
        with duckdb.connect() as con:
            con.execute(f"attach {quoted(aside)} as catalogue")
            con.execute("use catalogue")
            name_tables(con, folder)
            con.execute("checkpoint")
        fsync_path(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    fsync_path(folder)


def _published(rows: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(rows.items()) if name.split(".")[0] in SCHEMAS}


def _seal(tables: Path, build_id: str, as_of: date, rows: Mapping[str, int], identity: Mapping[str, str]) -> None:
    """Keep what is published of the tables, count it, describe it, and flush it, for its owner alone."""
    for folder in tables.iterdir():
        if folder.is_dir() and folder.name not in SCHEMAS:
            shutil.rmtree(folder)
    _recount(tables, rows)
    told = {"build_id": build_id, "as_of": as_of.isoformat(), "rows": _published(rows), "identity": dict(identity)}
    write_atomically(tables / DESCRIPTION, json.dumps(told, indent=1).encode())
    for path in [tables, *tables.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)  # Spark gives files the rights that Hadoop does
    fsync_paths(path for path in tables.rglob("*") if path.is_file())


def is_whole(folder: Path) -> bool:
    """The files have the rows that were published."""
    rows = describe(folder)["rows"]
    try:
        return _count(folder) == rows
    except duckdb.Error:
        return False


def _recount(tables: Path, rows: Mapping[str, int]) -> None:
    found, expected = _count(tables), _published(rows)
    if found != expected:
        wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise PublicationError(
            f"Les fichiers relus n'ont pas les lignes que Spark a écrites ({', '.join(wrong)}) : rien n'est publié, la "
            "version précédente reste en ligne."
        )


def _count(tables: Path) -> dict[str, int]:
    found = {}
    with duckdb.connect() as con:
        for schema, table in tables_of(tables):
            files = files_of_table(tables, schema, table)
            (rows,) = con.execute(f"select count(*) from read_parquet({files})").fetchone() or (0,)
            found[f"{schema}.{table}"] = rows
    return found
