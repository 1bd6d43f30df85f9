"""Every figure of the national pages, true: each commanditaire's own, its territories', and their sums.

Rows: kind (national, commanditaire, territory), place (blank; SIREN; SIREN and code), span (a month, a quarter, a year,
`tout`, or an answer « gender=femme »), measure, value. They are the facts of the programmes' own cubes, read by the
same code. Does not live here: what is withheld (protected.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl

from reporting.cube import facts, people
from warehouse.published.versions import connect

NATIONAL, COMMANDITAIRE, TERRITORY = "national", "commanditaire", "territory"
KEYS = ("kind", "place", "span", "measure")
COLUMNS = (*KEYS, "value")
_SINCE_START = r"^c\d"
#: Spans of a territory: its months are told in its own programme.
_OF_A_TERRITORY = r"^(\d{4}|tout)$"


def read(versions: Iterable[tuple[str, Path]]) -> pl.DataFrame:
    """The facts of the versions (SIREN, published file), and their sums; columns as COLUMNS, sorted."""
    own = pl.concat([pl.DataFrame(schema=dict.fromkeys(KEYS, pl.String) | {"value": pl.Float64}), *_each(versions)])
    whole = (
        own.filter(kind=COMMANDITAIRE)
        .group_by("span", "measure")
        .agg(pl.col("value").sum())
        .select(kind=pl.lit(NATIONAL), place=pl.lit(""), span="span", measure="measure", value="value")
    )
    return pl.concat([whole, own]).sort(KEYS)


def _each(versions: Iterable[tuple[str, Path]]) -> Iterator[pl.DataFrame]:
    for siren, path in versions:
        with connect(path) as con:
            found = pl.concat([facts.places(con), people.totals(con), people.answers(con)])
        yield of_programme(siren, found)


def of_programme(siren: str, found: pl.DataFrame) -> pl.DataFrame:
    """Facts of one programme (kind, place, span, measure, value: its own, or its cube's), as the national pages name
    them."""
    # Sums since the start would be one more way to what is withheld, and no national page tells them.
    since_start = pl.col("span").str.contains(_SINCE_START)
    own = found.filter(~since_start, kind="programme", place="").with_columns(
        kind=pl.lit(COMMANDITAIRE), place=pl.lit(siren)
    )
    territories = found.filter(
        pl.col("kind") == "territory", pl.col("place") != "", pl.col("span").str.contains(_OF_A_TERRITORY)
    ).with_columns(place=pl.lit(f"{siren}:") + pl.col("place"))
    return pl.concat([own, territories]).select(*KEYS, pl.col("value").cast(pl.Float64))
