"""What is new and what is fixed since the last report, fact by fact. Does not live here: what is told (content).

It is not the comparison of editions (reporting/files/changes.py), whose rows are values of a key that stays: a fact has
no value, it is there or it is not, and one delivered again in another file is neither new nor fixed. Nor is it made of
what two editions give, but of what two reports held, which no reader of an edition has.
"""

from __future__ import annotations

import polars as pl

#: The last part of a check's fact is the file of its lines, else what was found: what comes before names the check
#: and the structure.
_LAST_PART = r"\|[^|]*$"


def compare_facts(facts: pl.DataFrame, previous: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`facts` with `is_new` (null for a first report), and the rows of `previous` that are fixed.

    A failing unit of a check whose lines were delivered again in another file (an export that covers everything since
    the start), or whose figures have moved, is neither: for each check and structure, a unit that comes takes the
    place of one that goes, and only the difference is new or fixed.
    """
    if previous is None:
        return facts.with_columns(pl.lit(None, pl.Boolean).alias("is_new")), facts.head(0)
    gone = previous.join(facts, on="fact", how="anti")
    come = facts.join(previous, on="fact", how="anti")
    left, arrived = _ranked(gone), _ranked(come)
    moved = arrived.join(left, on=["unit", "rank"], how="semi")["fact"]
    stayed = left.join(arrived, on=["unit", "rank"], how="semi")["fact"]
    is_new = pl.col("fact").is_in(come["fact"].implode()) & ~pl.col("fact").is_in(moved.implode())
    return facts.with_columns(is_new.alias("is_new")), gone.filter(~pl.col("fact").is_in(stayed.implode()))


def _ranked(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts of checks alone: `unit` = the check and the structure, `rank` among those of the unit."""
    units = facts.filter(pl.col("fact").str.starts_with("contrôle|")).select(
        "fact", pl.col("fact").str.replace(_LAST_PART, "").alias("unit")
    )
    return units.with_columns(pl.int_range(pl.len()).over("unit").alias("rank"))
