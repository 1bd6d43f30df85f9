"""Two engines, one version: every table row for row, both ways.

Types are those of the DuckDB file, to which what Spark wrote is cast; a double is compared by its ten first digits, for
a sum of doubles depends on their order; nothing else is made alike. Does not live here: the builds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from storage.sql_text import quoted, quoted_name

#: The schemas a version publishes.
PUBLISHED = ("core", "proof", "marts", "quality")
#: What a run writes beside the models' tables, once they are judged.
WRITTEN_AFTER = ("quality.build", "quality.check_result", "quality.check_failure", "quality.table_key")


@dataclass(frozen=True)
class Compared:
    """One table. `missing`: rows of DuckDB's that Spark has not; `added`: the other way. `columns`: that differ."""

    table: str
    rows: int
    missing: int
    added: int
    columns: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.added or self.columns)


def compare(database: Path, folder: Path) -> list[Compared]:
    """Every table of the version in `database` with the Parquet folder `<schema>/<table>` of its name."""
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(database)} as version (read_only)")
        tables = con.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'version' and not internal"
            " order by all"
        ).fetchall()
        return [
            _compare(con, schema, table, folder)
            for schema, table in tables
            if schema in PUBLISHED and f"{schema}.{table}" not in WRITTEN_AFTER
        ]


def _compare(con: duckdb.DuckDBPyConnection, schema: str, table: str, folder: Path) -> Compared:
    name = f"{schema}.{table}"
    theirs = f"read_parquet({quoted(folder / schema / table / '*.parquet')})"
    types = _columns(con, f"version.{name}")
    if (found := set(_columns(con, theirs))) != set(types):
        return Compared(name, 0, 0, 0, tuple(sorted(found ^ set(types))))
    told = ", ".join(_alike(column, kind) for column, kind in types.items())
    mine = f"(select {told} from version.{name})"
    other = f"(select {told} from {theirs})"
    rows, missing, added = con.execute(
        f"select (select count(*) from {mine}), (select count(*) from ({mine} except all {other})),"
        f" (select count(*) from ({other} except all {mine}))"
    ).fetchone() or (0, 0, 0)
    return Compared(name, rows, missing, added)


def _columns(con: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    return {name: str(kind) for name, kind, *_ in con.execute(f"describe from {source}").fetchall()}


def _alike(column: str, kind: str) -> str:
    name = quoted_name(column)
    return (
        f"printf('%.9e', cast({name} as double)) as {name}" if kind == "DOUBLE" else f"cast({name} as {kind}) as {name}"
    )
