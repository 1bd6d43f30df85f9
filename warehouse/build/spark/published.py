"""The versions that Spark built: a folder each, of Parquet tables, and a link to the one in line.

As a DuckDB version is (warehouse/build/publish.py): whole or not at all, in one step, never an older one over a newer.
`passnum.duckdb`, in the folder, names its tables for who opens it with DuckDB. Imports no Spark. Does not live here:
the build (build.py), whether it may be published (data_quality).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from storage.atomic import fsync_path, fsync_paths, link_atomically, remove_left_overs, write_atomically
from storage.sql_text import quoted, quoted_name
from warehouse.build.publish import PublicationError, publishers_lock, refuse_older_than
from warehouse.settings import Home

#: A folder weighs what a version's file does; readers that are slow keep the one before.
VERSIONS_KEPT = 3
SCHEMAS = ("core", "proof", "marts", "quality")
DESCRIPTION = "version.json"
CATALOGUE = "passnum.duckdb"


def current(home: Home) -> Path | None:
    """The folder of the version in line, None where Spark published none."""
    return home.spark_published.resolve() if home.spark_published.exists() else None


def publish(tables: Path, home: Home, build_id: str, as_of: date, rows: Mapping[str, int]) -> Path:
    """Make `tables` (`<schema>/<table>/*.parquet`) the version in line. Returns its folder.

    `rows`: what the build counted in each table; it is counted again from the files. Raises PublicationError (French)
    and changes nothing where they differ, or where the version in line is of a later build.
    """
    with publishers_lock(home):
        home.spark_versions.mkdir(parents=True, exist_ok=True)
        remove_left_overs(home.spark_versions)
        line = current(home)
        if line is not None:
            refuse_older_than(line.name, build_id)
        for folder in tables.iterdir():
            if folder.is_dir() and folder.name not in SCHEMAS:
                shutil.rmtree(folder)
        _seal(tables, rows)
        told = {"build_id": build_id, "as_of": as_of.isoformat(), "rows": _published(rows)}
        write_atomically(tables / DESCRIPTION, json.dumps(told, indent=1).encode())
        fsync_paths(path for path in tables.rglob("*") if path.is_file())
        target = home.spark_versions / build_id
        tables.rename(target)
        name_tables(target)
        fsync_path(target / CATALOGUE)
        fsync_path(home.spark_versions)
        link_atomically(home.spark_published, target)
        for old in sorted(home.spark_versions.glob("[!.]*"), reverse=True)[VERSIONS_KEPT:]:
            if old != current(home):
                shutil.rmtree(old, ignore_errors=True)
    return target


def name_tables(tables: Path) -> None:
    """Write `passnum.duckdb` in `tables`, which is in its place: a view a table, that names its files."""
    path = tables / CATALOGUE
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(path)} as catalogue")
        con.execute("use catalogue")
        for schema, table in tables_of(tables):
            files = quoted(tables / schema / table / "*.parquet")
            con.execute(f"create schema if not exists {quoted_name(schema)}")
            con.execute(f"create view {quoted_name(schema)}.{quoted_name(table)} as from read_parquet({files})")
        con.execute("checkpoint")


def tables_of(folder: Path) -> list[tuple[str, str]]:
    """The tables of a version's folder, `(schema, table)`."""
    return sorted((path.parent.name, path.name) for path in folder.glob("*/*") if path.is_dir())


def _published(rows: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(rows.items()) if name.split(".")[0] in SCHEMAS}


def _seal(tables: Path, rows: Mapping[str, int]) -> None:
    expected = _published(rows)
    with duckdb.connect() as con:
        found = {}
        for schema, table in tables_of(tables):
            files = quoted(tables / schema / table / "*.parquet")
            (count,) = con.execute(f"select count(*) from read_parquet({files})").fetchone() or (0,)
            found[f"{schema}.{table}"] = count
    if found != expected:
        wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise PublicationError(
            f"Les fichiers relus n'ont pas les lignes que Spark a écrites ({', '.join(wrong)}) : rien n'est publié, la "
            "version précédente reste en ligne."
        )
