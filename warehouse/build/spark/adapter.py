"""dbt-spark, with what macros/spark.sql asks of the engine: dbt orders and names the models, the engine builds them.

Does not live here: the engine (engine.py), the macros (dbt_project/macros/spark.sql).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, ClassVar

import dbt.adapters.spark as plugin
from dbt.adapters.base import AdapterPlugin
from dbt.adapters.base.meta import available
from dbt.adapters.spark import SparkCredentials, SparkRelation

from warehouse.build.spark.engine import Engine

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, repr=False)
class NamedRelation(SparkRelation):
    """A table by its schema and name: the database that the project names for DuckDB is none of Spark's."""

    def __post_init__(self) -> None:
        """Nothing is refused."""


class SparkAdapter(plugin.SparkAdapter):
    """Its methods below are those of the macros; dbt reads its own name in the class's.

    `engine`: that of the build under way, one a process.
    """

    Relation = NamedRelation
    engine: ClassVar[Engine]

    @available
    def build_table(self, relation: Any, sql: str, columns: dict[str, Any]) -> None:
        """Write a model; `columns`: those of its contract, none where it has none."""
        contract = {name: column["data_type"] for name, column in columns.items()}
        self.engine.build_table(relation.schema, relation.identifier, sql, contract)

    @available
    def build_view(self, relation: Any, sql: str) -> None:
        """Name a model's query."""
        self.engine.build_view(relation.schema, relation.identifier, sql)

    @available
    def count_rows(self, sql: str) -> int:
        """How many rows a query answers; -1 where Spark has no answer: one that cannot be counted stops no other."""
        try:
            return self.engine.count(sql)
        except Exception as error:  # noqa: BLE001 — whatever it is, that test alone is in error, and is told
            logger.warning("%s", error)
            return -1


def install(engine: Engine) -> None:
    """Have dbt's `spark` be this adapter, on `engine`."""
    SparkAdapter.engine = engine
    plugin.Plugin = AdapterPlugin(  # dbt takes the adapter from there
        adapter=SparkAdapter, credentials=SparkCredentials, include_path=plugin.Plugin.include_path
    )
