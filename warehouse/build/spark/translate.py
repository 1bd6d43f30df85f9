"""DuckDB's SQL in Spark's: parsed, resolved and typed by sqlglot as DuckDB would, then told by Spark's words.

The types come from the tables named (a sqlglot schema), so that a rule knows a day from a number: a day less a day is a
number of days in DuckDB, an interval in Spark. Does not live here: the rules (rules.py, shapes.py), running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import Schema

from warehouse.build.spark import rules, shapes

FROM, TO = "duckdb", "spark"


def _difference(annotator: Any, node: exp.Sub) -> exp.Expr:
    """A day less a day is a number of days, which sqlglot takes for a day."""
    if node.this.is_type(*rules.DAYS) and node.expression.is_type(*rules.DAYS):
        node.type = exp.DataType.build("bigint")
        return node
    return _SUBTRACTED(annotator, node)


def _as_its_first(annotator: Any, node: exp.Expr) -> exp.Expr:
    """Of the type of what it returns."""
    return annotator._annotate_by_args(node, "this")


_SUBTRACTED = DuckDB.EXPRESSION_METADATA[exp.Sub]["annotator"]
# What sqlglot does not say of DuckDB's own.
_TYPES = DuckDB.EXPRESSION_METADATA | {
    exp.Sub: {"annotator": _difference},
    exp.ArgMin: {"annotator": _as_its_first},
    exp.ArgMax: {"annotator": _as_its_first},
    exp.ArrayFilter: {"annotator": _as_its_first},
}


def to_spark(
    sql: str,
    schema: Schema,
    *,
    views: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
    variable: Callable[[str], Any] | None = None,
) -> str:
    """The query `sql` of DuckDB as a query of Spark: the same rows, whatever their order.

    `schema`: the columns of the tables it names, with DuckDB's types. `views`: `schema.table` → the temporary view that
    holds it in Spark, which has no schema. `columns`: name → DuckDB's type of what is asked, in order: each is cast to
    it; None leaves the columns as Spark types them. `variable`: the value of a variable of DuckDB's. Raises
    sqlglot.errors.SqlglotError for what it cannot read, and for
    what Spark is known not to have.
    """
    tree = shapes.with_columns_told(parse_one(sql, read=FROM), schema)
    tree = shapes.without_order(shapes.without_unpivot(tree, schema))
    if variable is not None:
        tree = shapes.with_values(tree, variable)
    tree = qualify(tree, schema=schema, dialect=FROM, quote_identifiers=False, identify=False)
    if variable is not None:  # a profile of the checks: what is not counted, its sentences, is not asked
        tree = pushdown_projections(tree)
    tree = annotate_types(shapes.by_position(tree, schema), schema=schema, expression_metadata=_TYPES, dialect=FROM)
    tree = rules.applied(shapes.with_unique_steps(shapes.with_fields(tree)))
    for change in (shapes.with_one_generator, partial(shapes.with_views, views=views or {})):
        tree = change(tree)
    if columns is not None:
        tree = shapes.cast_to(tree, columns)
    return tree.sql(dialect=TO, unsupported_level=ErrorLevel.RAISE, comments=False)


def spark_type(kind: str) -> str:
    """A type of DuckDB's by Spark's name."""
    return exp.DataType.build(kind, dialect=FROM).sql(dialect=TO)
