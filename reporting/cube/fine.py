"""Levels too fine to be given: their cells are in no page, and what the pages give above them bounds them still.

A zero of such a level is not told either: a reader cannot say where nothing happened. Does not live here: which levels
are too fine (system.py), what adds up to what (links.py).
"""

from __future__ import annotations

import polars as pl

from reporting.cube import facts
from reporting.cube.facts import ALL, KEYS, Facts, cell

#: Kind of place → the one above it.
_ABOVE = {"ami": "programme", "territory": "ami", "lieux": "lieux", "lieu": "lieux"}
#: From the coarsest on, each with the level above it.
_LEVELS = {"year": "tout", "quarter": "year", "month": "quarter"}
_KINDS = ("programme", "ami", "territory", "lieux", "lieu")
_AT = ("carrier", *KEYS)


def cells(of: Facts, too_fine: pl.DataFrame, calls: dict[str, str], homes: dict[str, str]) -> tuple[Facts, Facts]:
    """(told, below): kind, place, span, cell, value of the counts of places and lieux that pages may give, and of those
    that none gives, zeros of these included. of: every fact, with its carrier and level."""
    names = pl.DataFrame(
        {"carrier": list(facts.COUNTS), "measure": list(facts.COUNTS.values())}
    ).filter(pl.col("measure").is_in(list(facts.CARRIERS)))  # fmt: skip
    known = (
        of.join(names, on=["carrier", "measure"], how="semi")
        .filter(pl.col("value") > 0, pl.col("kind").is_in(_KINDS), pl.col("level").is_in([*_LEVELS, ALL]))
        .select(*_AT, "level", "value")
    )
    keys = ["carrier", "kind", "level"]
    told, below = known.join(too_fine, on=keys, how="anti"), known.join(too_fine, on=keys, how="semi")
    # A lieu or a territory where something happened since the start, and the spans where something did somewhere.
    places = known.filter(level=ALL).select("carrier", "kind", "place")
    spans = known.select("carrier", "level", "span").unique()
    some = known.select(_AT)
    zeros = []
    for level in _LEVELS:
        for kind in _KINDS:
            grid = too_fine.filter(kind=kind, level=level).join(places, on=["carrier", "kind"]).join(
                spans, on=["carrier", "level"]
            ).select(*_AT, "level").join(some, on=_AT, how="anti")  # fmt: skip
            # Nothing in the span above, or in the place above, is told: then it is known that there is nothing here.
            grid = grid.join(_up_in_time(grid).join(some, left_on=["carrier", "kind", "place", "above"],
                             right_on=_AT, how="semi").select(_AT), on=_AT, how="semi")  # fmt: skip
            grid = grid.join(_up_in_place(grid, calls, homes).join(
                some, left_on=["carrier", "kind_above", "place_above", "span"], right_on=_AT, how="semi"
            ).select(_AT), on=_AT, how="semi")  # fmt: skip
            zeros.append(grid.with_columns(value=pl.lit(0.0)).select(below.columns))
            some = pl.concat([some, grid.select(_AT)])
    return _named(told), _named(pl.concat([below, *zeros]))


def _named(of: pl.DataFrame) -> Facts:
    return of.select(*KEYS, cell(pl.col("carrier")), "value").sort("cell")


def _up_in_time(of: pl.DataFrame) -> pl.DataFrame:
    span = pl.col("span")
    quarter = pl.format("{}-T{}", span.str.head(4), (span.str.slice(5, 2).cast(pl.Int8, strict=False) + 2) // 3)
    above = pl.when(pl.col("level") == "month").then(quarter)
    return of.with_columns(above=above.when(pl.col("level") == "quarter").then(span.str.head(4)).otherwise(pl.lit(ALL)))


def _up_in_place(of: pl.DataFrame, calls: dict[str, str], homes: dict[str, str]) -> pl.DataFrame:
    place = pl.col("place")
    above = (
        pl.when(pl.col("kind") == "territory").then(place.replace_strict(calls, default="", return_dtype=pl.String))
        .when(pl.col("kind") == "lieu").then(place.replace_strict(homes, default="", return_dtype=pl.String))
        .when(pl.col("kind") == "lieux").then(pl.lit("*"))
        .when(pl.col("kind") == "programme").then(place)
        .otherwise(pl.lit(""))
    )  # fmt: skip
    kind = pl.col("kind").replace_strict(_ABOVE, default=pl.col("kind"))
    return of.with_columns(place_above=above, kind_above=kind)
