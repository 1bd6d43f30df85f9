"""The second engine's SQL: what each expression and shape of DuckDB's becomes in Spark's, and what is known of types.

That the rows are the same is tried on both engines (tests/scale); here, that each rule says what it says.
"""

import duckdb
import pytest
from sqlglot.schema import MappingSchema

from warehouse.build.spark.shadow import BrokenContract, Shadow
from warehouse.build.spark.translate import spark_type, to_spark

COLUMNS = {
    "a": "BIGINT", "b": "BIGINT", "d": "DATE", "e": "DATE", "x": "DECIMAL(18,2)", "f": "DOUBLE", "s": "VARCHAR",
    "w": "VARCHAR[]", "ok": "BOOLEAN",
}  # fmt: skip
SCHEMA = MappingSchema({"m": {"t": COLUMNS}}, dialect="duckdb")

EXPRESSIONS = [
    # `/` divides as doubles, whatever it is given; `//` as integers.
    ("a / b", "(CAST(t.a AS DOUBLE) / CAST(t.b AS DOUBLE))"),
    ("x / (f + 1)", "(CAST(t.x AS DOUBLE) / (t.f + 1))"),
    ("a // b", "t.a DIV t.b"),
    # A day less a day is a number of days; a day and a number, a day.
    ("d - e", "CAST(DATEDIFF(t.d, t.e) AS BIGINT)"),
    ("greatest(0, least(d, e) - e) + 1", "GREATEST(0, CAST(DATEDIFF(LEAST(t.d, t.e), t.e) AS BIGINT)) + 1"),
    ("d - 7", "DATE_SUB(t.d, CAST(7 AS INT))"),
    ("d + a", "DATE_ADD(t.d, CAST(t.a AS INT))"),
    ("cast(d + to_months(3) as date)", "CAST(t.d + MAKE_YM_INTERVAL(0, CAST(3 AS INT)) AS DATE)"),
    # To an integer, DuckDB rounds where Spark cuts; a text is read.
    ("cast(x as bigint)", "CAST(ROUND(t.x) AS BIGINT)"),
    ("cast(f as integer)", "CAST(RINT(t.f) AS INT)"),
    ("cast(s as bigint)", "CAST(t.s AS BIGINT)"),
    ("avg(x)", "AVG(CAST(t.x AS DOUBLE))"),
    ("median(a)", "PERCENTILE(t.a, 0.5)"),
    # The first value that is not null; the value of the least rank, where it has one.
    ("any_value(s) filter (where ok)", "ANY_VALUE(t.s, TRUE) FILTER(WHERE t.ok)"),
    ("arg_min(s, (d, a))", "MIN_BY(t.s, CASE WHEN NOT t.s IS NULL THEN STRUCT(t.d, t.a) END)"),
    ("arg_max({'k': a}, d)", "MAX_BY(STRUCT(t.a AS k), t.d)"),
    # A window over some of its rows.
    (
        "arg_min(s, a) filter (where ok) over (partition by b)",
        "MIN_BY(t.s, CASE WHEN t.ok THEN CASE WHEN NOT t.s IS NULL THEN t.a END END) OVER (PARTITION BY t.b)",
    ),
    ("count(*) filter (where ok) over (partition by b)", "COUNT(CASE WHEN t.ok THEN 1 END) OVER (PARTITION BY t.b)"),
    ("sum(a) filter (where ok) over (partition by b)", "SUM(CASE WHEN t.ok THEN t.a END) OVER (PARTITION BY t.b)"),
    # Lists are counted from 1, and from their end; what is not there is null.
    ("len(w)", "CAST(SIZE(t.w) AS BIGINT)"),
    ("len(s)", "LENGTH(t.s)"),
    ("w[1]", "TRY_ELEMENT_AT(t.w, 1)"),
    ("w[-1]", "TRY_ELEMENT_AT(t.w, -1)"),
    ("w[2:5]", "SLICE(t.w, 2, 4)"),
    (
        "list(s order by a)",
        "TRANSFORM(ARRAY_SORT(COLLECT_LIST(STRUCT(t.a AS rank_0, t.s AS kept))), pair -> pair.kept)",
    ),
    ("string_agg(distinct s, ' | ' order by s)", "NULLIF(ARRAY_JOIN(ARRAY_SORT(COLLECT_SET(t.s)), ' | '), '')"),
    ("isodow(d)", "(WEEKDAY(t.d) + 1)"),
    # A null is passed over, and told apart in a hash.
    ("concat(s, a)", "CONCAT_WS('', t.s, CAST(t.a AS STRING))"),
    ("concat_ws('|', s, d)", "CONCAT_WS('|', t.s, CAST(t.d AS STRING))"),
    ("hash(a, s)", "XXHASH64(t.a, t.a IS NULL, t.s, t.s IS NULL)"),
    (
        "row(a, s) is distinct from row(b, s)",
        "STRUCT(t.a AS column_0, t.s AS column_1) IS DISTINCT FROM STRUCT(t.b AS column_0, t.s AS column_1)",
    ),
    # Nothing where the end is before the start.
    (
        "unnest(range(a, b))",
        "EXPLODE(CASE WHEN CAST(t.a AS BIGINT) < CAST(t.b AS BIGINT) THEN SEQUENCE(CAST(t.a AS BIGINT), "
        "CAST(t.b AS BIGINT) - 1, CAST(1 AS BIGINT)) ELSE ARRAY() END)",
    ),
    (
        "cast(unnest(generate_series(d, e, interval 1 month)) as date)",
        "EXPLODE(CAST(CASE WHEN CAST(t.d AS TIMESTAMP_NTZ) <= CAST(t.e AS TIMESTAMP_NTZ) THEN "
        "SEQUENCE(CAST(t.d AS TIMESTAMP_NTZ), CAST(t.e AS TIMESTAMP_NTZ), INTERVAL '1' MONTH) ELSE ARRAY() END "
        "AS ARRAY<DATE>))",
    ),
    ("lower(unnest(w))", "EXPLODE(TRANSFORM(t.w, element -> LOWER(element)))"),
]


@pytest.mark.parametrize(("duck", "spark"), EXPRESSIONS, ids=[duck for duck, _ in EXPRESSIONS])
def test_an_expression_of_duckdb_is_told_in_the_words_of_spark(duck: str, spark: str) -> None:
    assert to_spark(f"select {duck} as told from m.t", SCHEMA) == f"SELECT {spark} AS told FROM m.t AS t"


SHAPES = [
    # The row kept is the first of the order asked, even where that order is the query's own.
    (
        "select distinct on (a) a, s from m.t order by a, d desc",
        "SELECT a, s FROM (SELECT t.a AS a, t.s AS s, ROW_NUMBER() OVER (PARTITION BY a ORDER BY a NULLS LAST, "
        "t.d DESC) AS _row_number FROM m.t AS t) AS _t WHERE _row_number = 1",
    ),
    # A union by name is told by position, null where a side has no such column.
    (
        "select a from m.t union all by name select s, b as a from m.t",
        "SELECT side.a, NULL AS s FROM (SELECT t.a AS a FROM m.t AS t) AS side UNION ALL "
        "SELECT side.a, side.s FROM (SELECT t.s AS s, t.b AS a FROM m.t AS t) AS side",
    ),
    (
        "unpivot (select a, s, cast(b as varchar) as b from m.t) on s, b into name n value v",
        "SELECT unpivoted.a AS a, unpivoted.n AS n, unpivoted.v AS v FROM (SELECT _0.a AS a, INLINE(ARRAYS_ZIP("
        "ARRAY('s', 'b'), ARRAY(_0.s, _0.b))) AS (n, v) FROM (SELECT t.a AS a, t.s AS s, CAST(t.b AS STRING) AS b "
        "FROM m.t AS t) AS _0) AS unpivoted WHERE NOT unpivoted.v IS NULL",
    ),
    # `columns(…)` is one projection a column, in an UNPIVOT too.
    (
        "unpivot (select s, columns(* exclude (s, d, e, x, f, w, ok))::double from m.t) on columns(* exclude (s)) "
        "into name n value v",
        "SELECT unpivoted.s AS s, unpivoted.n AS n, unpivoted.v AS v FROM (SELECT _0.s AS s, INLINE(ARRAYS_ZIP("
        "ARRAY('a', 'b'), ARRAY(_0.a, _0.b))) AS (n, v) FROM (SELECT t.s AS s, CAST(t.a AS DOUBLE) AS a, "
        "CAST(t.b AS DOUBLE) AS b FROM m.t AS t) AS _0) AS unpivoted WHERE NOT unpivoted.v IS NULL",
    ),
    # Steps of two levels may be namesakes.
    (
        "with u as (with u as (select a from m.t) select a from u) select a from u",
        "WITH u_0 AS (SELECT t.a AS a FROM m.t AS t), u AS (SELECT u.a AS a FROM u_0 AS u) SELECT u.a AS a FROM u AS u",
    ),
    # The order of a table's lines is nothing a figure reads.
    (
        "select a, sum(b) as b from m.t group by all order by all",
        "SELECT t.a AS a, SUM(t.b) AS b FROM m.t AS t GROUP BY ALL",
    ),
    (
        "select a, unnest(arg_min({'s': s, 'd': d}, b)) from m.t group by a",
        "SELECT t.a AS a, MIN_BY(STRUCT(t.s AS s, t.d AS d), t.b).s AS s, "
        "MIN_BY(STRUCT(t.s AS s, t.d AS d), t.b).d AS d FROM m.t AS t GROUP BY t.a",
    ),
    (
        "select hash(*columns(* exclude (a, b, x, f, w, ok, e))) as h from m.t",
        "SELECT XXHASH64(t.d, t.d IS NULL, t.s, t.s IS NULL) AS h FROM m.t AS t",
    ),
    # A name with a hyphen is none.
    (
        "select sum(a) over w - b as r from m.t window w as (order by d)",
        "SELECT (SUM(t.a) OVER w) - t.b AS r FROM m.t AS t WINDOW w AS (ORDER BY t.d NULLS LAST)",
    ),
    (
        "with u as not materialized (select a from m.t) select a from u",
        "WITH u AS (SELECT t.a AS a FROM m.t AS t) SELECT u.a AS a FROM u AS u",
    ),
]


@pytest.mark.parametrize(("duck", "spark"), SHAPES, ids=[duck[:40] for duck, _ in SHAPES])
def test_a_query_of_duckdb_has_the_shape_that_spark_takes(duck: str, spark: str) -> None:
    assert to_spark(duck, SCHEMA) == spark


def test_what_is_built_is_of_the_types_that_duckdb_would_write() -> None:
    told = to_spark(
        "select a, x from m.t", SCHEMA, views={"m.t": "m__t"}, columns={"x": "DECIMAL(18,2)", "a": "INTEGER"}
    )
    assert told == (
        "SELECT CAST(built.x AS DECIMAL(18, 2)) AS x, CAST(built.a AS INT) AS a FROM "
        "(SELECT t.a AS a, t.x AS x FROM m__t AS t) AS built"
    )
    assert spark_type("TIMESTAMP") == "TIMESTAMP_NTZ"


def test_a_profile_reads_the_settings_and_leaves_sentences_to_duckdb() -> None:
    asked = (
        "select count(*) as n from (select a, fr_int(a) as detail from m.t where list_contains(getvariable('k'), s))"
    )
    assert to_spark(asked, SCHEMA, variable={"k": []}.__getitem__).count("CAST(ARRAY() AS ARRAY<STRING>)") == 1
    assert "fr_int" not in to_spark(asked, SCHEMA, variable={"k": ["u"]}.__getitem__).lower()


def test_the_shadow_knows_a_models_columns_without_a_row_and_holds_its_contract() -> None:
    shadow = Shadow()
    shadow.add("lake", "line", {"a": "INTEGER", "d": "DATE"})
    built = shadow.build("core", "fact", "select sum(a) as total, d - d as days from lake.line group by d", None)
    assert built == {"total": "HUGEINT", "days": "BIGINT"}
    assert shadow.con.execute("select count(*) from core.fact").fetchone() == (0,)
    with pytest.raises(BrokenContract, match=r"core.fact ne tient pas son contrat : colonnes days, total\."):
        shadow.build("core", "fact", "select 1::bigint as total", {"total": "INTEGER", "days": "BIGINT"})
    with pytest.raises(duckdb.Error):
        shadow.build("core", "other", "select nothing from lake.line")
