"""What one expression of DuckDB's is in Spark, where sqlglot says it otherwise, or not at all.

A rule takes a node whose type is known and returns what stands in its place. Each has its test
(tests/unit/warehouse/test_spark_translation.py). Does not live here: what a whole query is made of (shapes.py).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

Rule = Callable[[exp.Expr], exp.Expr]

_INTEGERS = exp.DataType.INTEGER_TYPES
_TEXTS = exp.DataType.TEXT_TYPES
_DECIMALS = {exp.DataType.Type.DECIMAL}
_FLOATS = {exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT}
_LISTS = {exp.DataType.Type.ARRAY, exp.DataType.Type.LIST}
DAYS = {exp.DataType.Type.DATE}
HASH = "HASH"


def applied(tree: exp.Expr) -> exp.Expr:
    """Every rule on every node, the inner ones first; what takes a node's place has its type."""
    for node in reversed(list(tree.find_all(*_RULES))):
        made = _RULES[type(node)](node)
        if made is not node:
            made.type = node.type
            node.replace(made)
            tree = made if node is tree else tree
    return tree


def _is(node: exp.Expr | None, kinds: set[exp.DType]) -> bool:
    return node is not None and node.type is not None and node.is_type(*kinds)


def _double(node: exp.Expr) -> exp.Expr:
    is_one = _is(node.unnest(), _FLOATS) and not isinstance(node.unnest(), exp.Literal)
    return node.copy() if is_one else exp.cast(node.unnest().copy(), "double")


def _if_else_null(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def divide(node: exp.Expr) -> exp.Expr:
    """`/` divides as doubles, whatever it is given: Spark's keeps six digits of a decimal."""
    return exp.paren(exp.Div(this=_double(node.this), expression=_double(node.expression), typed=True), copy=False)


def subtract(node: exp.Expr) -> exp.Expr:
    """A day less a day is a number of days; a day less a number, a day."""
    if _is(node.this, DAYS) and _is(node.expression, DAYS):
        return exp.cast(
            exp.Anonymous(this="DATEDIFF", expressions=[node.this.copy(), node.expression.copy()]), "bigint"
        )
    return _shifted(node, "DATE_SUB")


def add(node: exp.Expr) -> exp.Expr:
    """A day and a number is a day."""
    return _shifted(node, "DATE_ADD")


def _shifted(node: exp.Expr, function: str) -> exp.Expr:
    if _is(node.this, DAYS) and _is(node.expression, _INTEGERS):
        days = exp.cast(node.expression.unnest().copy(), "int")
        return exp.Anonymous(this=function, expressions=[node.this.copy(), days])
    return node


def cast(node: exp.Expr) -> exp.Expr:
    """To an integer, DuckDB rounds where Spark cuts: a half of a decimal away from zero, of a double to the even."""
    if isinstance(node, exp.Cast) and node.to.is_type(*_INTEGERS):
        function = "ROUND" if _is(node.this, _DECIMALS) else "RINT" if _is(node.this, _FLOATS) else ""
        if function:
            return exp.cast(exp.Anonymous(this=function, expressions=[node.this.copy()]), node.to.copy())
    return node


def average(node: exp.Expr) -> exp.Expr:
    """A mean is a double: Spark's of decimals keeps six digits."""
    return exp.Avg(this=_double(node.this))


def median(node: exp.Expr) -> exp.Expr:
    """The middle one, or half-way between two: Spark's own takes no frame of a window."""
    return exp.Anonymous(this="PERCENTILE", expressions=[node.this.copy(), exp.Literal.number("0.5")])


def any_value(node: exp.Expr) -> exp.Expr:
    """The first that is not null."""
    return exp.Anonymous(this="ANY_VALUE", expressions=[node.this.copy(), exp.true()])


def first_known(node: exp.Expr) -> exp.Expr:
    """What sqlglot says of the nulls of an `any_value` is in its words already."""
    return node.this.copy() if isinstance(node.this, exp.Anonymous) else node


def extreme(node: exp.Expr) -> exp.Expr:
    """`arg_min` and `arg_max` pass over a row whose value is null; Spark's over one whose rank is."""
    function = "MIN_BY" if isinstance(node, exp.ArgMin) else "MAX_BY"
    rank = node.expression.copy()
    if isinstance(rank, exp.Tuple):
        rank = exp.Anonymous(this="STRUCT", expressions=rank.expressions)
    if not isinstance(node.this, exp.Struct):
        rank = _if_else_null(node.this.copy().is_(exp.null()).not_(), rank)
    return exp.Anonymous(this=function, expressions=[node.this.copy(), rank])


def window(node: exp.Expr) -> exp.Expr:
    """A window over some of its rows: Spark filters an aggregate of groups alone, so the others are made null."""
    if not isinstance(node.this, exp.Filter):
        return exp.paren(node) if node.alias else node  # `over w - x`: Spark would read a name with a hyphen
    aggregate, condition = node.this.this.copy(), node.this.expression.this.copy()
    if isinstance(aggregate, exp.Anonymous):  # MIN_BY, MAX_BY: a row without rank is passed over
        aggregate.expressions[-1].replace(_if_else_null(condition, aggregate.expressions[-1].copy()))
    elif isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
        aggregate = exp.Count(this=_if_else_null(condition, exp.Literal.number(1)), big_int=True)
    else:
        aggregate.this.replace(_if_else_null(condition, aggregate.this.copy()))
    node.this.replace(aggregate)
    return node


def length(node: exp.Expr) -> exp.Expr:
    """`len` of a list."""
    return exp.cast(exp.func("SIZE", node.this.copy()), "bigint") if _is(node.this, _LISTS) else node


def element(node: exp.Expr) -> exp.Expr:
    """`list[n]`, from 1, or from the end: null where there is none. sqlglot holds n less 1, and no slice of Spark's."""
    (at,) = node.expressions
    if isinstance(at, exp.Slice):
        first, last = int(at.this.name), int(at.expression.name)
        cut = [exp.Literal.number(first), exp.Literal.number(last - first + 1)]
        return exp.Anonymous(this="SLICE", expressions=[node.this.copy(), *cut])
    shifted = (
        exp.Literal.number(-int(at.this.name) + 1) if isinstance(at, exp.Neg) else exp.Literal.number(int(at.name) + 1)
    )
    return exp.Anonymous(this="TRY_ELEMENT_AT", expressions=[node.this.copy(), shifted])


def list_of(node: exp.Expr) -> exp.Expr:
    """`list(x order by k)`, nulls kept: sorted as pairs, for Spark's list has no order of its own."""
    value, ranks = node.this, [exp.Literal.number(1)]
    if isinstance(value, exp.Order):
        value, ranks = value.this, [rank.this.copy() for rank in value.expressions]
    named = [exp.alias_(rank, f"rank_{at}") for at, rank in enumerate(ranks)] + [exp.alias_(value.copy(), "kept")]
    pairs = exp.func("ARRAY_SORT", exp.func("COLLECT_LIST", exp.Anonymous(this="STRUCT", expressions=named)))
    pair = exp.to_identifier("pair")
    return exp.func(
        "TRANSFORM",
        pairs,
        exp.Lambda(this=exp.Dot(this=pair, expression=exp.to_identifier("kept")), expressions=[pair]),
    )


def words(node: exp.Expr) -> exp.Expr:
    """`string_agg(distinct x, s order by x)`: the words of a group in their order; null where there is none."""
    inner = node.this
    if not (isinstance(inner, exp.Order) and isinstance(inner.this, exp.Distinct)):
        return node
    (value,) = inner.this.expressions
    joined = exp.Anonymous(
        this="ARRAY_JOIN",
        expressions=[exp.func("ARRAY_SORT", exp.func("COLLECT_SET", value.copy())), node.args["separator"].copy()],
    )
    return exp.Nullif(this=joined, expression=exp.Literal.string(""))


def series(node: exp.Expr) -> exp.Expr:
    """`generate_series` and `range`: nothing where the end is before the start; Spark counts backwards or fails."""
    start, end, step = node.args["start"].copy(), node.args["end"].copy(), node.args.get("step")
    if isinstance(step, exp.Interval):
        start, end = exp.cast(start, "timestamp_ntz"), exp.cast(end, "timestamp_ntz")
    else:
        step = step or exp.Literal.number(1)
        start, end, step = (exp.cast(part.copy(), "bigint") for part in (start, end, step))
    reaches = (exp.LT if node.args.get("is_end_exclusive") else exp.LTE)(this=start.copy(), expression=end.copy())
    if node.args.get("is_end_exclusive"):
        end = exp.Sub(this=end, expression=exp.Literal.number(1))
    counted = exp.Anonymous(this="SEQUENCE", expressions=[start, end, step.copy()])
    return exp.Case(ifs=[exp.If(this=reaches, true=counted)], default=exp.Array(expressions=[]))


def iso_weekday(node: exp.Expr) -> exp.Expr:
    """Monday is 1. sqlglot tells Sunday so."""
    return exp.paren(exp.Anonymous(this="WEEKDAY", expressions=[node.this.copy()]) + 1, copy=False)


def joined(node: exp.Expr) -> exp.Expr:
    """`concat` and `concat_ws` pass over a null, and take what is no text."""
    parts = [part if _is(part, _TEXTS) else exp.cast(part.copy(), "text") for part in node.expressions]
    if isinstance(node, exp.ConcatWs):
        parts[0] = node.expressions[0]
    else:
        parts.insert(0, exp.Literal.string(""))
    return exp.Anonymous(this="CONCAT_WS", expressions=[part.copy() for part in parts])


def hash_of(node: exp.Anonymous) -> exp.Expr:
    """A number that tells rows apart: Spark's passes over nulls, so each is told beside."""
    told = [part for value in node.expressions for part in (value.copy(), value.copy().is_(exp.null()))]
    return exp.Anonymous(this="XXHASH64", expressions=told)


def months(node: exp.Anonymous) -> exp.Expr:
    """`to_months(n)`: an interval of months."""
    number = exp.cast(node.expressions[0].copy(), "int")
    return exp.Anonymous(this="MAKE_YM_INTERVAL", expressions=[exp.Literal.number(0), number])


def row(node: exp.Anonymous) -> exp.Expr:
    """`row(a, b)`, which sides of `is distinct from` are: their columns are named by their place."""
    named = [exp.alias_(value.copy(), f"column_{at}") for at, value in enumerate(node.expressions)]
    return exp.Anonymous(this="STRUCT", expressions=named)


_NAMED: dict[str, Callable[[exp.Anonymous], exp.Expr]] = {
    HASH: hash_of,
    "TO_MONTHS": months,
    "ROW": row,
}


def named(node: exp.Expr) -> exp.Expr:
    """A function that sqlglot has no class for."""
    assert isinstance(node, exp.Anonymous), "asked by its class"
    rule = _NAMED.get(str(node.this).upper())
    return node if rule is None else rule(node)


_RULES: dict[type[exp.Expr], Rule] = {
    exp.Div: divide,
    exp.Sub: subtract,
    exp.Add: add,
    exp.Cast: cast,
    exp.Avg: average,
    exp.Median: median,
    exp.AnyValue: any_value,
    exp.IgnoreNulls: first_known,
    exp.ArgMin: extreme,
    exp.ArgMax: extreme,
    exp.Window: window,
    exp.Length: length,
    exp.Bracket: element,
    exp.ArrayAgg: list_of,
    exp.GroupConcat: words,
    exp.GenerateSeries: series,
    exp.DayOfWeekIso: iso_weekday,
    exp.Concat: joined,
    exp.ConcatWs: joined,
    exp.Anonymous: named,
}
