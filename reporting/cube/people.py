"""People, as the pages of a protected reader may show them: counts since the start, and their answers.

By territory the people equipped, in all and by answer, and the people reached in all; by answer these are of the
programme alone, for a territory has too few who are anonymous to tell the others. Does not
live here: passes (facts.py).
"""

from __future__ import annotations

import duckdb
import polars as pl

from reporting.cube.facts import ALL, KEYS, Facts, added, by_place, cell, spans

#: Measure of the dictionary → its carrier. Those of the programme's totals alone come last.
TOTALS = {"people_equipped": "equipped", "people_reached": "reached"}
PARTS = {"people_reached_identified": "identified", "people_reached_anonymous": "anonymous"}


def totals(con: duckdb.DuckDBPyConnection) -> Facts:
    """People equipped and reached since the start; identified and anonymous, of the programme."""
    rows = con.execute(
        "select indicator as measure, territory_code, ami, value from marts.measure_month"
        " where list_contains($measures, indicator)",
        {"measures": [*TOTALS, *PARTS]},
    ).pl()
    placed = by_place(rows).with_columns(span=pl.lit(ALL))
    placed = placed.filter(pl.col("measure").is_in(list(TOTALS)) | (pl.col("kind") == "programme"))
    return added(placed.with_columns(carrier=pl.col("measure").replace_strict(TOTALS | PARTS)))


def answers(con: duckdb.DuckDBPyConnection) -> Facts:
    """dimension=category as a span: people equipped at every place, reached for the programme."""
    rows = con.execute(
        "select answer.territory_code, territory.ami, answer.dimension || '=' || answer.category as span,"
        " answer.people_equipped, answer.people_reached from marts.audience_profile as answer"
        " left join core.dim_territory as territory using (territory_code)"
    ).pl()
    long = rows.unpivot(index=["territory_code", "ami", "span"], variable_name="measure")
    placed = by_place(long.with_columns(pl.col("value").cast(pl.Float64)))
    placed = placed.filter((pl.col("measure") == "people_equipped") | (pl.col("kind") == "programme"))
    return added(placed.with_columns(carrier=pl.col("measure").replace_strict(TOTALS)))


def months(con: duckdb.DuckDBPyConnection) -> Facts:
    """People equipped and reached in each month, of the programme: in no page, and what two points of a curve give."""
    rows = con.execute(
        "select indicator as measure, month, value from marts.measure_month where list_contains($measures, indicator)",
        {"measures": list(TOTALS)},
    ).pl()
    placed = rows.with_columns(
        spans("month"), kind=pl.lit("programme"), place=pl.lit(""), carrier=pl.col("measure").replace_strict(TOTALS)
    )
    return added(placed.explode("span"))


def waiting(cells: pl.DataFrame) -> pl.DataFrame:
    """cell, value: people of the programme equipped and not trained, in all and by answer. In no page, and what the
    difference of two columns gives. Those whom nobody identified were never equipped: they are no part of it."""
    own = cells.select(pl.col("cell").str.extract(r"^([^|]*)").alias("carrier"), *KEYS, "value").filter(
        kind="programme"
    )
    trained = own.filter(
        (pl.col("carrier") == "reached") & pl.col("span").str.contains("=")
        | (pl.col("carrier") == "identified") & (pl.col("span") == ALL)
    )
    both = own.filter(carrier="equipped").join(trained, on=list(KEYS), suffix="_trained")
    left = pl.col("value") - pl.col("value_trained")
    return both.filter(left >= 0).select(cell("waiting"), left.alias("value"))


def second_carnets(carnets: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """cell, value, whole, part: carnets handed out beyond one a person, since the start, of each place. In no page:
    passes prescribed, divided by those of a carnet, less people equipped. carnets: kind, place, span, cell, value."""
    own = cells.filter(pl.col("cell").str.starts_with("equipped|"))
    return _beyond(carnets.filter(span=ALL), own, "more")


def waiting_there(con: duckdb.DuckDBPyConnection, cells: pl.DataFrame) -> pl.DataFrame:
    """cell, value, whole, part: people of a territory equipped and not trained, where those trained are all known."""
    anonymous = con.execute(
        "select territory_code from marts.measure_month where indicator = 'people_reached_anonymous'"
        " group by all having sum(value) > 0"
    ).pl()["territory_code"]
    own = cells.filter(kind="territory", span=ALL)
    own = own.filter(~pl.col("place").is_in(anonymous.implode()))
    equipped, reached = (own.filter(pl.col("cell").str.starts_with(f"{name}|")) for name in TOTALS.values())
    return _beyond(equipped, reached, "waiting")


def _beyond(whole: pl.DataFrame, part: pl.DataFrame, name: str) -> pl.DataFrame:
    """What `whole` has beyond `part`, place by place, where it has at least as much: a reader believes what is true."""
    both = whole.join(part, on=list(KEYS), suffix="_part").filter(pl.col("value") >= pl.col("value_part"))
    return both.select(
        cell(name).alias("cell"),
        (pl.col("value") - pl.col("value_part")).alias("value"),
        whole="cell", part="cell_part", of_whole="value", of_part="value_part",
    )  # fmt: skip
