"""What a whole query is made of, as Spark has it: no UNPIVOT of DuckDB's, no union by name, one generator a select.

Each function takes a tree of sqlglot and returns it changed. Does not live here: single expressions (rules.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import Schema


def with_columns_told(tree: exp.Expr, schema: Schema) -> exp.Expr:
    """A projection of `columns(* exclude (…))` as one of each column, and an UNPIVOT on them by their names."""
    for star in reversed(list(tree.find_all(exp.Columns))):
        projection: Any = star
        while projection.parent is not None and not isinstance(
            projection.parent, (exp.Select, exp.Pivot, exp.Anonymous)
        ):
            projection = projection.parent
        within = projection.parent
        if isinstance(within, exp.Pivot):
            told: list[exp.Expr] = [exp.column(name) for name in _left(star.this, _names(within.this, schema))]
        elif isinstance(within, exp.Select) and (source := within.args.get("from_")) is not None:
            told = []
            for name in _left(star.this, _names(source.this, schema)):
                one = projection.copy()
                one.find(exp.Columns).replace(exp.column(name)) if one is not star else None
                told.append(exp.alias_(exp.column(name) if isinstance(one, exp.Columns) else one, name))
        else:
            continue
        within.set("expressions", told, index=projection.index)
    return tree


def _names(source: Any, schema: Schema) -> list[str]:
    """The columns of a table, or of a query in its place."""
    if isinstance(source, exp.Table):
        return list(schema.column_names(source))
    query = source.this if isinstance(source, exp.Subquery) else source
    within = query.args.get("from_")
    found: list[str] = []
    for projection in query.expressions:
        is_star = isinstance(projection, exp.Star)
        found += _left(projection, _names(within.this, schema)) if is_star else [projection.alias_or_name]
    return found


def _left(star: exp.Expr, names: list[str]) -> list[str]:
    out = {column.name for column in star.args.get("except_") or ()}
    return [name for name in names if name not in out]


def without_unpivot(tree: exp.Expr, schema: Schema) -> exp.Expr:
    """`unpivot t on a, b into name n value v` = each row once a column, in `n` its name, in `v` its value, no null."""
    for pivot in list(tree.find_all(exp.Pivot)):
        if not pivot.args.get("unpivot") or not pivot.args.get("into"):
            continue
        told = [column.name for column in pivot.expressions]
        into = pivot.args["into"]
        name, value = into.this.name, into.expressions[0].name
        star = exp.Star(except_=[exp.column(column) for column in told])
        texts = exp.Explode(this=exp.Array(expressions=[exp.Literal.string(column) for column in told]))
        values = exp.Explode(this=exp.Array(expressions=[exp.column(column) for column in told]))
        rows = exp.select(star, exp.alias_(texts, name), exp.alias_(values, value)).from_(pivot.this.copy())
        kept = exp.select("*").from_(rows.subquery("unpivoted")).where(exp.column(value).is_(exp.null()).not_())
        pivot.replace(kept) if pivot.parent else None
        tree = kept if pivot is tree else tree
    return tree


def without_order(tree: exp.Expr) -> exp.Expr:
    """The order of a table's lines is nothing a figure reads: sorting them all would be Spark's dearest step."""
    distinct = tree.args.get("distinct")
    if not tree.args.get("limit") and not (distinct and distinct.args.get("on")):
        tree.set("order", None)
    return tree


def with_values(tree: exp.Expr, variable: Callable[[str], Any]) -> exp.Expr:
    """`getvariable('x')` by its value. A French sentence (macros `fr_…`) is told by DuckDB, of units that fail."""
    for call in list(tree.find_all(exp.Anonymous)):
        if str(call.this).lower().startswith("fr_"):
            call.replace(exp.cast(exp.null(), "text"))
        if str(call.this).lower() == "getvariable":
            value = exp.convert(variable(call.expressions[0].name))
            if isinstance(value, exp.Array) and not value.expressions:
                value = exp.cast(value, "varchar[]", dialect="duckdb")
            call.replace(value)
    return tree


def by_position(tree: exp.Expr, schema: Schema) -> exp.Expr:
    """Unions by name told by position; `columns(* exclude (…))`, which every column of the query's one table is."""
    for scope in traverse_scope(tree):
        for star in list(scope.find_all(exp.Columns)):
            call: Any = star.parent
            call.set("expressions", _columns_behind(star, scope, schema), index=star.index)
    for union in reversed(list(tree.find_all(exp.SetOperation))):
        if union.args.get("by_name"):
            _by_position(union)
    return tree


def _columns_behind(star: exp.Columns, scope: Scope, schema: Schema) -> list[exp.Expr]:
    """The columns that a `columns(* exclude (…))` is: those of the first source of its select, but those left out."""
    name, (_, source) = next(iter(scope.selected_sources.items()))
    behind: Any = source
    inner: Any = behind.expression if isinstance(behind, Scope) else None
    found = schema.column_names(behind) if inner is None else inner.named_selects
    return [exp.column(column, table=name) for column in _left(star.this, list(found))]


def _by_position(union: Any) -> None:
    """Each side asked for every column of either, in one order; null where a side has none of that name."""
    sides: list[Any] = [union.this, union.expression]
    names = list(dict.fromkeys(name for side in sides for name in side.named_selects))
    for key, side in zip(("this", "expression"), sides, strict=True):
        if side.named_selects != names:
            bare: Any = side.unnest() if isinstance(side, exp.Subquery) else side
            known = set(bare.named_selects)
            ctes = bare.args.get("with_")
            if ctes is not None and key == "this":  # they are those of the whole union
                bare.set("with_", None)
                union.set("with_", ctes)
            told = [exp.column(name, table="side") if name in known else exp.alias_(exp.null(), name) for name in names]
            union.set(key, exp.select(*told).from_(bare.subquery("side")))
    union.set("by_name", False)


def with_unique_steps(tree: exp.Expr) -> exp.Expr:
    """Steps inside a step named apart: sqlglot brings all of them to the top, where two may be namesakes."""
    inner = [with_ for with_ in tree.find_all(exp.With) if with_.parent is not tree]
    for rank, with_ in enumerate(inner):
        names = {cte.alias: f"{cte.alias}_{rank}" for cte in with_.expressions}
        for cte in with_.expressions:
            cte.args["alias"].set("this", exp.to_identifier(names[cte.alias]))
        for table in list(with_.parent.find_all(exp.Table)):  # type: ignore[union-attr]
            if not table.db and table.name in names:
                table.set("this", exp.to_identifier(names[table.name]))
    return tree


def with_fields(tree: exp.Expr) -> exp.Expr:
    """`unnest` of a structure: its fields side by side. No word on what is kept in memory, which Spark decides."""
    for explode in list(tree.find_all(exp.Explode)):
        projection = explode.parent if isinstance(explode.parent, exp.Alias) else explode
        if explode.this.is_type(exp.DataType.Type.STRUCT):
            fields = [field.this.name for field in explode.this.type.expressions]
            told = [exp.alias_(exp.Dot(this=explode.this.copy(), expression=exp.to_identifier(f)), f) for f in fields]
            projection.parent.set("expressions", told, index=projection.index)  # type: ignore[union-attr]
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)
    return tree


def with_one_generator(tree: exp.Expr) -> exp.Expr:
    """Every list of a select unrolled side by side, by one `inline`: Spark takes one generator a select."""
    for select in list(tree.find_all(exp.Select)):
        unrolled = [(at, one) for at, one in enumerate(select.expressions) if _generator(one) is not None]
        if not unrolled:
            continue
        names = [exp.to_identifier(one.alias_or_name) for _, one in unrolled]
        lists = [_elements(one) for _, one in unrolled]
        if len(lists) == 1:
            rows: exp.Expr = exp.alias_(exp.func("EXPLODE", lists[0]), names[0])
        else:
            zipped = exp.func("INLINE", exp.func("ARRAYS_ZIP", *lists))
            rows = exp.Aliases(this=zipped, expressions=names)
        taken = {at for at, _ in unrolled}
        order = select.named_selects
        select.set("expressions", [*(e for at, e in enumerate(select.expressions) if at not in taken), rows])
        if order[-len(names) :] != [one.name for one in names]:  # a select that ends with its lists keeps its order
            inner = select.copy()
            ctes = inner.args.get("with_")
            inner.set("with_", None)
            outer = exp.select(*(exp.column(name, table="unrolled") for name in order))
            outer = outer.from_(inner.subquery("unrolled"))
            outer.set("with_", ctes)
            select.replace(outer)
            tree = outer if select is tree else tree
    return tree


def _generator(projection: exp.Expr) -> exp.Explode | None:
    """The `unnest` of a projection, its own and not that of a query inside it."""
    return next((found for found in projection.find_all(exp.Explode) if found.parent_select is projection.parent), None)


def _elements(projection: exp.Expr) -> exp.Expr:
    """The list that a projection unrolls, each element as the expression around its `unnest` makes it."""
    around = projection.unalias().copy()
    generator = next(around.find_all(exp.Explode))
    elements = generator.this.copy()
    if generator is around:
        return elements
    if isinstance(around, exp.Cast) and around.this is generator:
        return exp.cast(elements, exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[around.to], nested=True))
    generator.replace(exp.to_identifier("element"))
    return exp.func("TRANSFORM", elements, exp.Lambda(this=around, expressions=[exp.to_identifier("element")]))


def with_views(tree: exp.Expr, views: Mapping[str, str]) -> exp.Expr:
    """What Spark holds as a temporary view is named so."""
    for table in _tables(tree):
        if (view := views.get(f"{table.db}.{table.name}")) is not None:
            alias = table.alias_or_name
            table.replace(exp.alias_(exp.to_table(view), alias, table=True))
    return tree


def _tables(tree: exp.Expr) -> Iterator[exp.Table]:
    return (table for table in list(tree.find_all(exp.Table)) if table.db)


def cast_to(tree: exp.Expr, columns: Mapping[str, str]) -> exp.Expr:
    """The columns asked, each of its type: what DuckDB would write is what Spark writes."""
    told = [
        exp.alias_(exp.cast(exp.column(name, table="built"), exp.DataType.build(kind, dialect="duckdb")), name)
        for name, kind in columns.items()
    ]
    return exp.select(*told).from_(exp.Subquery(this=tree, alias=exp.TableAlias(this=exp.to_identifier("built"))))
