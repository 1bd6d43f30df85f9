"""The analysts' file: the published version without what links a person to their visits, in a DuckDB file of its own.

Every mart; of `core` what has no person, pass or carnet in it, and of the facts the columns that name none; `metric`
answers in it. Left out whole: the tables of one row a person or a prescription, what tells of delivered lines. Does not
live here: the published version (warehouse/published), small counts of what is given to the public (suppression).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from storage.atomic import move_atomically
from storage.sql_text import quoted
from warehouse.published.macros import copy_macros
from warehouse.published.versions import Version
from warehouse.settings import Home

KEYS = (
    "pass_number", "carnet_number", "person_key", "beneficiary_key", "first_pass", "last_pass", "redemption_id",
    "prescription_id", "holding_prescription_id", "attendance_id", "session_id", "payment_id", "source_file_id",
    "source_line", "receivable_file_id", "receivable_line",
)  # fmt: skip
"""Columns that name a pass, a carnet, a person or a delivered line of theirs."""
LEFT_OUT = ("core.dim_person", "core.fct_prescription")
"""One row a person, or nearly: whoever knows four things of somebody finds them there without any key."""
KEPT_OF_QUALITY = ("quality.build", "quality.check_result", "quality.table_key")
SUMMED = "proof.contribution"
STORAGE_VERSION = "v1.4.0"


def write_analysts_file(version: Version, home: Home, out: Path | None = None) -> Path:
    """Write the file beside the other documents, or in the folder `out`; 0600. Returns its path.

    Nothing is left behind where it cannot be written (OSError, duckdb.Error).
    """
    folder = out or home.reports / "analystes"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"passnum_analystes_{version.as_of}_{version.build_id}.duckdb"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as work:
        made = Path(work) / target.name
        _write(version.path, made)
        made.chmod(0o600)
        move_atomically(made, target)
    return target


def _write(published: Path, made: Path) -> None:
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(published)} as published (read_only)")
        con.execute(f"attach {quoted(made)} as made (storage_version '{STORAGE_VERSION}')")
        told = con.execute(
            "select schema_name, table_name, comment from duckdb_tables() where database_name = 'published'"
        ).fetchall()
        for schema, table, comment in told:
            if is_given(schema, table):
                con.execute(f'create schema if not exists made."{schema}"')
                _copy(con, f'"{schema}"."{table}"', is_summed=f"{schema}.{table}" == SUMMED)
                if comment:
                    con.execute(f'comment on table made."{schema}"."{table}" is {quoted(comment)}')
        _copy_comments(con)
        con.execute("use made")
        copy_macros(con, "published")
        con.execute("use memory")
        con.execute("checkpoint made")
        con.execute("detach made")


def is_given(schema: str, table: str) -> bool:
    """Whether a table of the published version is in the analysts' file."""
    name = f"{schema}.{table}"
    if schema == "quality":
        return name in KEPT_OF_QUALITY
    return (schema in ("core", "marts") and name not in LEFT_OUT) or name in (SUMMED, "proof.measure")


def _copy(con: duckdb.DuckDBPyConnection, table: str, *, is_summed: bool) -> None:
    columns = con.execute(f"describe published.{table}").fetchall()
    kept = [(name, kind) for name, kind, *_ in columns if name not in KEYS]
    if is_summed:
        # without its line, a contribution is a sum of lines: one row an event, day and place
        measured = [f'sum("{n}")::{kind} as "{n}"' for n, kind in kept if _is_number(kind)]
        by = [f'"{n}"' for n, kind in kept if not _is_number(kind)]
        told = ", ".join(by + measured)
        con.execute(f"create table made.{table} as select {told} from published.{table} group by all order by all")
    else:
        told = ", ".join(f'"{name}"' for name, _ in kept)
        # in an order that is nobody's: that of the lines is a key too
        con.execute(f"create table made.{table} as select {told} from published.{table} order by all")


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "HUGEINT")) or kind in ("BIGINT", "INTEGER", "DOUBLE", "SMALLINT", "TINYINT")


def _copy_comments(con: duckdb.DuckDBPyConnection) -> None:
    told = con.execute(
        """
        select made.schema_name, made.table_name, made.column_name, published.comment
        from duckdb_columns() as made
        inner join duckdb_columns() as published using (schema_name, table_name, column_name)
        where made.database_name = 'made' and published.database_name = 'published' and published.comment is not null
        """
    ).fetchall()
    for schema, table, column, comment in told:
        con.execute(f'comment on column made."{schema}"."{table}"."{column}" is {quoted(comment)}')
