"""Zeros that pages may not tell, where documents tell what is beside them: the empty months of a territory that these
wrote « s », the answers that nobody gave there, the territories where none of its passes were used.

Does not live here: why documents withhold them (reporting/figures/emptiness.py), levels that no page gives (fine.py).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from reporting.cube.facts import CARRIERS, KEYS, Facts, cell


def facts_of(empty: Iterable[str], placed: Facts, calls: dict[str, str]) -> Facts:
    """The facts of these months, of their quarter and their year, of the territory and of its call for projects, where
    all of it is nothing. empty: cells of territories and months; placed: the facts that are something."""
    rows = pl.DataFrame({"empty": sorted(set(empty))}, schema={"empty": pl.String}).select(
        pl.col("empty").str.splitn("|", 4).struct.rename_fields(["carrier", *KEYS]).alias("at")
    ).unnest("at")  # fmt: skip
    span = pl.col("span")
    quarter = pl.format("{}-T{}", span.str.head(4), (span.str.tail(2).cast(pl.Int8) + 2) // 3)
    rows = rows.with_columns(span=pl.concat_list(span, quarter, span.str.head(4))).explode("span")
    call = pl.col("place").replace_strict(calls, default="", return_dtype=pl.String)
    rows = pl.concat([rows, rows.with_columns(kind=pl.lit("ami"), place=call)]).unique()
    measures = pl.DataFrame({"measure": list(CARRIERS), "carrier": list(CARRIERS.values())})
    made = rows.join(measures, on="carrier").select(
        *KEYS, "measure", pl.lit(0.0).alias("value"), cell(pl.col("carrier"))
    )  # fmt: skip
    return made.join(placed, on="cell", how="anti").select(placed.columns).sort(pl.all())


def of_answers(answers: Facts) -> Facts:
    """The answers that nobody gave in a territory or a call, where somebody gave another to the same question."""
    asked = answers.filter(pl.col("kind").is_in(["territory", "ami"]), measure="people_equipped")
    question = pl.col("span").str.extract(r"^([^=]*)").alias("question")
    places = asked.select("kind", "place", question).unique()
    every = answers.select(question, "span").unique()
    return _none(places.join(every, on="question"), asked, "equipped")


def of_flows(flows: Facts) -> Facts:
    """The pairs of territories that no pass ties, where passes of the one and uses in the other do."""
    ends = pl.col("place").str.split(">")
    named = flows.select("kind", "span", start=ends.list.first(), end=ends.list.last()).unique()
    pairs = named.select("kind", "span", "start").unique().join(named.select("end").unique(), how="cross")
    pairs = pairs.with_columns(place=pl.concat_str("start", "end", separator=">"))
    return _none(pairs, flows.filter(measure="passes_used"), "used")


def _none(grid: pl.DataFrame, some: Facts, carrier: str) -> Facts:
    made = grid.select(*KEYS, pl.lit(some["measure"].first(), pl.String).alias("measure"), value=pl.lit(0.0))
    made = made.with_columns(cell(carrier)).join(some, on="cell", how="anti")
    return made.select(some.columns).sort(pl.all())


def without_saying_none(told: Facts) -> Facts:
    """The facts of the pages (value null: withheld) where documents tell the totals: a flow that is withheld is not
    listed, as one that is none; a question of which an answer is withheld has them all, those of nobody too."""
    secret = pl.col("value").is_null()
    listed = told.filter(~((pl.col("kind") == "flow") & secret))
    question = pl.col("span").str.extract(r"^([^=]*)=").alias("question")
    answers = told.filter(measure="people_equipped").with_columns(question).drop_nulls("question")
    every = answers.select("question", "span").unique()
    places = (
        answers.filter(secret, pl.col("kind") != "programme").select("kind", "place", "measure", "question").unique()
    )
    silent = places.join(every, on="question").join(told, on=[*KEYS, "measure"], how="anti")
    return pl.concat([listed, silent.select(*KEYS, "measure")], how="diagonal")
