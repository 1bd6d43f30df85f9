"""One Parquet file per mart, beside the published database, swapped as one folder: for tools without DuckDB.

Types are those that pandas, R and Power BI read as they are meant: an amount is a number (pandas makes objects of
decimals), a day is an instant at midnight (it makes objects of days), a code stays a text, a list is a text. Which
version a file is of stands in its metadata and in the name of its dated copy. Does not live here: the publication of
the database itself (publish.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from storage.atomic import folder_atomically, remove_left_overs
from storage.sql_text import quoted
from warehouse.published.versions import read_version

MARTS_SCHEMA = "marts"
#: Folder of the same files under names that say their version.
DATED = "dated"


def export_marts(database: Path, folder: Path) -> list[str]:
    """Write every table of schema marts of the published file `database` into `folder` (created).

    `<mart>.parquet` each, and `dated/<mart>_<as-of>_<build>.parquet`, the same file under another name. Metadata:
    build_id, as_of, is_demo, fingerprint, description. Returns the marts' names, in order. The folder is complete or
    absent: it is written aside and renamed.
    """
    version = read_version(database)
    said = {
        "build_id": version.build_id,
        "as_of": version.as_of.isoformat(),
        "is_demo": str(version.is_demo).lower(),
        "fingerprint": version.fingerprint,
    }
    remove_left_overs(folder.parent, f"{folder.name}.*")
    with folder_atomically(folder, replace=True) as aside, duckdb.connect(str(database), read_only=True) as con:
        (aside / DATED).mkdir()
        marts = con.execute(
            "select table_name, coalesce(comment, '') from duckdb_tables() where schema_name = ? order by 1",
            [MARTS_SCHEMA],
        ).fetchall()
        for mart, comment in marts:
            target = aside / f"{mart}.parquet"
            metadata = ", ".join(f"{name}: {quoted(text)}" for name, text in {**said, "description": comment}.items())
            con.execute(
                f"copy (select {_columns(con, mart)} from {MARTS_SCHEMA}.{mart}) to {quoted(target)} "
                f"(format parquet, compression zstd, kv_metadata {{{metadata}}})"
            )
            dated = aside / DATED / f"{mart}_{version.as_of.isoformat()}_{version.build_id}.parquet"
            dated.hardlink_to(target)
    return [mart for mart, _ in marts]


def _columns(con: duckdb.DuckDBPyConnection, mart: str) -> str:
    """The columns of a mart, each as a type that needs no care from its reader."""
    columns = con.execute(
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = ? and table_name = ? order by column_index",
        [MARTS_SCHEMA, mart],
    ).fetchall()
    return ", ".join(_cast(name, kind) for name, kind in columns)


def _cast(column: str, kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return f'cast("{column}" as double) as "{column}"'
    if kind == "DATE":
        return f'cast("{column}" as timestamp) as "{column}"'
    if kind.endswith("[]"):
        return f'array_to_string("{column}", \' | \') as "{column}"'
    return f'"{column}"'
