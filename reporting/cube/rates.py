"""The rates of territories and of the programme in the protected cube: shown where both figures are, or withheld.

A rate times the inhabitants of a territory is its count: what it divides decides with what divides it. A rank is among
the rates shown, and a function of them. Does not live here: the rates (marts.territory_rate, marts.rate), what is
withheld (choose.py).
"""

from __future__ import annotations

import duckdb
import polars as pl

from reporting.cube.facts import ALL

#: What a rate may be divided by that is public, and in no cell.
PUBLIC = ("population", "qpv_population")
#: The measure of the cube that is the place of a territory for a rate, and how many have one.
PLACE, PLACES = "{}_place", "{}_places"


def read(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """kind, place, measure (the rate), value, numerator_code, denominator_code, rank_from: true values in it."""
    return con.execute(
        "select 'territory' as kind, found.territory_code as place, found.rate as measure, found.value,"
        " known.numerator_code, known.denominator_code, known.rank_from"
        " from marts.territory_rate as found inner join marts.rate as known using (rate)"
        " union all by name"
        " select 'programme' as kind, '' as place, rate as measure, programme_value as value, numerator_code,"
        " denominator_code, rank_from from marts.rate"
    ).pl()


def shown(rates: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The facts of the rates: kind, place, span, measure, value (null: withheld). `facts`: those of the cube, as the
    pages have them."""
    known = facts.filter(pl.col("span") == ALL, pl.col("value").is_not_null()).select(
        "kind", "place", of="measure", is_shown=pl.lit(True)
    )
    for name in ("numerator_code", "denominator_code"):
        rates = rates.join(
            known.rename({"of": name, "is_shown": f"{name}_shown"}), on=["kind", "place", name], how="left"
        )
    told = pl.col("numerator_code_shown") & (
        pl.col("denominator_code").is_in(PUBLIC) | pl.col("denominator_code_shown").fill_null(value=False)
    )
    rates = rates.with_columns(span=pl.lit(ALL), value=pl.when(told).then("value"))
    own = rates.filter(pl.col("kind") == "territory")
    highest = pl.col("rank_from") == "highest"
    places = own.with_columns(
        value=pl.when(highest)
        .then(pl.col("value").rank("min", descending=True).over("measure"))
        .otherwise(pl.col("value").rank("min").over("measure"))
        .cast(pl.Float64),
        measure=pl.format(PLACE, "measure"),
    )
    among = own.group_by("measure").agg(pl.col("value").count().cast(pl.Float64)).select(
        pl.lit("programme").alias("kind"), pl.lit("").alias("place"), pl.lit(ALL).alias("span"),
        pl.format(PLACES, "measure").alias("measure"), "value",
    )  # fmt: skip
    names = ["kind", "place", "span", "measure", "value"]
    return pl.concat([rates.select(names), places.select(names), among.select(names)])
