"""The cells of the cube under the names that documents give theirs: one and the same cell has one name, and one fate.

A cell of a document is measure|place|time (reporting/figures/cells.py); one that documents never have starts with
« page ». Does not live here: what documents showed of them (past.py).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from reporting.cube.facts import ALL, COUNTS
from reporting.cube.people import PARTS, TOTALS
from reporting.figures.earlier import PAGE
from reporting.figures.knowledge import PROGRAMME

#: Carrier → the measure that documents count with it.
_MEASURES = {
    "used": COUNTS["used"],
    "prescribed": COUNTS["prescribed"],
    "equipped": "people_equipped",
    "reached": "people_reached",
    "identified": "reached_identified",
    "anonymous": "reached_anonymous",
}
assert _MEASURES.keys() == {"used", "prescribed", *TOTALS.values(), *PARTS.values()}
#: Of those that pages tell month by month, of territories.
CARRIER_OF = {_MEASURES[carrier]: carrier for carrier in ("used", "prescribed")}
_OF_LIEUX = {"used": "lieu_passes"}


def names(cells: pl.DataFrame, last: date) -> pl.DataFrame:
    """cell, name: each cell of the cube (cell, value), as documents name it. last: the date of the data.

    Since the start is up to the month of that date; « page … » is in no document.
    """
    at = pl.col("cell").str.splitn("|", 4).struct.rename_fields(["carrier", "kind", "place", "span"])
    frame = cells.sort("cell").with_columns(at.alias("at")).unnest("at").with_columns(time=_time(last))
    is_answer, is_programme = pl.col("span").str.contains("=", literal=True), pl.col("kind") == "programme"
    own = pl.col("carrier").replace_strict(_MEASURES, default=None, return_dtype=pl.String)
    of_lieu = pl.col("carrier").replace_strict(_OF_LIEUX, default=None, return_dtype=pl.String)
    of_answer = pl.when(is_programme & pl.col("carrier").is_in(["equipped", "reached"])).then(
        pl.concat_str("carrier", pl.lit(":"), "span")
    )
    measure = (
        pl.when(pl.col("kind") == "lieu").then(of_lieu)
        .when(is_answer).then(of_answer)
        .when(is_programme | (pl.col("kind") == "territory") & (pl.col("place") != "")).then(own)
    )  # fmt: skip
    where = pl.when(is_programme).then(pl.lit(PROGRAMME)).otherwise("place")
    span = pl.when(is_answer).then("span").otherwise(pl.coalesce("time", "span")).fill_null("")
    alone = pl.concat_str(
        pl.lit(PAGE), "carrier", pl.lit("|"), pl.concat_str("kind", "place", separator=":", ignore_nulls=True),
        pl.lit("|"), span.str.replace_all("|", ":", literal=True),
    )  # fmt: skip
    frame = frame.select("cell", "value", alone=alone, shared=pl.concat_str(measure, where, "time", separator="|"))
    # Two cells of one name count the same, or are not one.
    is_one = pl.col("value") == pl.col("value").first().over("shared")
    return frame.select(
        "cell", "value", "alone", name=pl.when(is_one).then(pl.coalesce("shared", "alone")).otherwise("alone")
    )


def _time(last: date) -> pl.Expr:
    """The span as documents write it; null for one that they have not."""
    span = pl.col("span")
    year, quarter = span.str.head(4), span.str.slice(6, 1).cast(pl.Int32, strict=False)
    ends = [(3 * quarter - 2).cast(pl.String).str.zfill(2), (3 * quarter).cast(pl.String).str.zfill(2)]
    return (
        pl.when((span == ALL) | span.str.contains("=", literal=True)).then(pl.lit(f"..{last:%Y-%m}"))
        .when(span.str.contains(r"^\d{4}-\d\d$")).then(pl.format("{}..{}", span, span))
        .when(span.str.contains(r"^\d{4}-T\d$")).then(pl.format("{}-{}..{}-{}", year, ends[0], year, ends[1]))
        .when(span.str.contains(r"^\d{4}$")).then(pl.format("{}-01..{}-12", span, span))
        .when(span.str.contains(r"^c\d{4}-\d\d$")).then(pl.format("..{}", span.str.tail(7)))
    )  # fmt: skip
