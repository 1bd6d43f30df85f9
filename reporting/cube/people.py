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
