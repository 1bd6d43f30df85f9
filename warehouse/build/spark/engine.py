"""One build on Spark: tables written as Parquet, queries answered, everything asked in DuckDB's SQL.

A table is a folder `<schema>/<table>` under `folder`; what is only named (what a build reads, dbt's views) is a view of
the session. Does not live here: dbt (adapter.py), the session (session.py), what SQL becomes (translate.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from warehouse.build.spark.shadow import Shadow
from warehouse.build.spark.translate import spark_type, to_spark

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


class Engine:
    """`folder`: where tables are written; `rows`: `schema.table` → how many. Safe between threads, as Spark is."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark = spark
        self.folder = folder
        self.shadow = Shadow()
        self.rows: dict[str, int] = {}
        self._views: dict[str, str] = {}

    def hand_over(self, schema: str, table: str, columns: Mapping[str, str], files: Sequence[Path]) -> None:
        """Name rows that are in Parquet files; `columns`: with DuckDB's types. One that files lack is null."""
        from pyspark.sql import functions as f

        self.shadow.add(schema, table, columns)
        found = self.spark.read.option("mergeSchema", "true").parquet(*map(as_named, files)) if files else None
        held = set(found.columns) if found is not None else set()
        rows = found if found is not None else self.spark.range(0)
        told = [
            (f.col(f"`{name}`") if name in held else f.lit(None)).cast(spark_type(kind)).alias(name)
            for name, kind in columns.items()
        ]
        self._name(schema, table, rows.select(*told))

    def build_table(self, schema: str, table: str, sql: str, contract: Mapping[str, str] | None = None) -> None:
        """Write what `sql` answers, each column of the type DuckDB would give it. Raises BrokenContract."""
        columns = self.shadow.build(schema, table, sql, contract)
        folder = self.folder / schema / table
        self._ask(sql, columns).write.mode("overwrite").parquet(str(folder))
        self.open_table(schema, table)
        self.rows[f"{schema}.{table}"] = self.spark.table(self._views[f"{schema}.{table}"]).count()

    def build_view(self, schema: str, table: str, sql: str) -> None:
        """Name a query, without asking it."""
        self._name(schema, table, self._ask(sql, self.shadow.build(schema, table, sql)))

    def open_table(self, schema: str, table: str) -> None:
        """Name a table that is written."""
        self._name(schema, table, self.spark.read.parquet(as_named(self.folder / schema / table)))

    def ask(self, sql: str, con: duckdb.DuckDBPyConnection) -> pa.Table:
        """The answer of a query of the checks, whose variables are those of `con`."""
        told = to_spark(sql, self.shadow.schema, views=self._views, variable=partial(_variable, con))
        return self.spark.sql(told).toArrow()

    def count(self, sql: str) -> int:
        """How many rows a query answers."""
        return self._ask(sql, None).count()

    def _ask(self, sql: str, columns: Mapping[str, str] | None) -> DataFrame:
        return self.spark.sql(to_spark(sql, self.shadow.schema, views=self._views, columns=columns))

    def _name(self, schema: str, table: str, rows: DataFrame) -> None:
        view = f"{schema}__{table}"
        rows.createOrReplaceTempView(view)
        self._views[f"{schema}.{table}"] = view


def as_named(path: Path) -> str:
    """A path as Hadoop is asked for it, which reads `[`, `{`, `*` and `?` as a pattern."""
    return re.sub(r"([\\\[\]{}*?^,])", r"\\\1", str(path))


def _variable(con: duckdb.DuckDBPyConnection, name: str) -> Any:
    (value,) = con.execute("select getvariable($1)", [name]).fetchone() or (None,)
    return value
