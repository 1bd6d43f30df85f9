"""The versions that Spark built: a folder each, of Parquet tables; which one is in line, and how DuckDB reads it.

Imports no Spark. Does not live here: their publication (warehouse/build/spark/published.py), what of a person they hold
(person.py).
"""

from __future__ import annotations

import glob
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from storage.sql_text import quoted, quoted_name
from warehouse.settings import Home

#: What a version says of itself, in its folder.
DESCRIPTION = "version.json"
#: The file of the folder that names its tables for who opens it with DuckDB.
CATALOGUE = "passnum.duckdb"


def current_folder(home: Home) -> Path | None:
    """The folder of the version in line, None where Spark published none."""
    return home.spark_published.resolve() if home.spark_published.exists() else None


def spark_folders(home: Home) -> list[Path]:
    """Every version of Spark in the home, those at a date included, newest first."""
    kept = sorted(home.spark_versions.glob("[!.]*"), reverse=True)
    return [path for path in [*kept, *sorted(home.spark_as_of.glob("[!.]*"))] if path.is_dir()]


def describe(folder: Path) -> dict[str, Any]:
    """What the version says of itself: build_id, as_of, rows by table, identity (build/identity.py). Raises OSError."""
    told: dict[str, Any] = json.loads((folder / DESCRIPTION).read_bytes())
    return told


def as_of(folder: Path) -> date:
    """The date of its data."""
    return date.fromisoformat(describe(folder)["as_of"])


def tables_of(folder: Path) -> list[tuple[str, str]]:
    """The tables of a version's folder, `(schema, table)`."""
    return sorted((path.parent.name, path.name) for path in folder.glob("*/*") if path.is_dir())


def files_of_table(folder: Path, schema: str, table: str) -> str:
    """The files of one table, as DuckDB's read_parquet is asked for them, whatever the folder is called."""
    return quoted(f"{glob.escape(str(folder / schema / table))}/*.parquet")


def name_tables(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """A view for each table of the folder, where it is now, in the database in use."""
    for schema, table in tables_of(folder):
        con.execute(f"create schema if not exists {quoted_name(schema)}")
        con.execute(
            f"create view {quoted_name(schema)}.{quoted_name(table)} as "
            f"from read_parquet({files_of_table(folder, schema, table)})"
        )


def connect_folder(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection to the tables of the folder; its catalogue, which says where the folder was, is not read."""
    con = duckdb.connect()
    name_tables(con, folder)
    return con
