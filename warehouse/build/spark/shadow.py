"""The types of every table of a build, told by DuckDB itself: each model is made there too, of no row at all.

What a model's columns are on DuckDB is then what they are cast to on Spark, and what the rules of translation know.
Does not live here: the rows (engine.py), the translation (translate.py).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import duckdb
from sqlglot.schema import MappingSchema

from storage.sql_text import quoted_name


class BrokenContract(Exception):
    """A model's columns are not those its contract says (French)."""


class Shadow:
    """An empty warehouse in memory: schemas and tables as the build makes them. Safe between threads."""

    def __init__(self) -> None:
        self.con = duckdb.connect()
        self.schema = MappingSchema(dialect="duckdb")
        self._lock = threading.RLock()

    def add(self, schema: str, table: str, columns: Mapping[str, str]) -> None:
        """A table given with its columns and their types."""
        told = ", ".join(f"{quoted_name(name)} {kind}" for name, kind in columns.items())
        self._make(schema, table, f"({told})")

    def build(self, schema: str, table: str, sql: str, contract: Mapping[str, str] | None = None) -> dict[str, str]:
        """The columns, with their types, of what `sql` would build; `contract`: those it must have, in any order.

        Raises BrokenContract, duckdb.Error.
        """
        columns = self._make(schema, table, f"as {sql}\nwith no data")
        if contract:
            self._hold(f"{schema}.{table}", columns, contract)
        return columns

    def asked(self, sql: str) -> dict[str, str]:
        """The columns, with their types, of a query."""
        with self._lock:
            return {name: str(kind) for name, kind, *_ in self.con.execute(f"describe {sql}").fetchall()}

    def _make(self, schema: str, table: str, definition: str) -> dict[str, str]:
        named = f"{quoted_name(schema)}.{quoted_name(table)}"
        with self._lock:
            self.con.execute(f"create schema if not exists {quoted_name(schema)}")
            self.con.execute(f"create or replace table {named} {definition}")
            columns = self.asked(f"table {named}")
            self.schema.add_table(f"{schema}.{table}", columns, dialect="duckdb")
        return columns

    def _hold(self, name: str, columns: Mapping[str, str], contract: Mapping[str, str]) -> None:
        typed = ", ".join(f"null::{kind} as {quoted_name(column)}" for column, kind in contract.items())
        expected = self.asked(f"select {typed}")
        if dict(columns) != expected:
            wrong = sorted(column for column in {*columns, *expected} if columns.get(column) != expected.get(column))
            raise BrokenContract(f"{name} ne tient pas son contrat : colonnes {', '.join(wrong)}.")
