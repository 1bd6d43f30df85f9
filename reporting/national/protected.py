"""What a reader outside the team may be shown of a national version: the one rule of reporting/suppression, once more.

A commanditaire's figures are those that its own protected cube shows: its readers and the national ones see the same.
They are decided there, and no national sum may give back what one of them withholds: a sum is withheld where it would,
to a reader who knows nothing else, and to another commanditaire, who has its own figures whole.
Lives here: those sums and what ties them. Does not live here: the rule and its search (reporting/suppression), the
cubes (reporting/cube), the file (store.py).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from reporting.cube import Cube, cube_of
from reporting.cube.facts import ALL, CARRIERS
from reporting.cube.links import span_above
from reporting.national.facts import COLUMNS, COMMANDITAIRE, KEYS, NATIONAL, of_programme
from reporting.suppression import Mask, Tables, breaches, protect
from reporting.suppression.mend import mend
from reporting.suppression.tables import Sum

#: Measure → the count that decides whether it is shown, by its measure; people decide for themselves.
_PEOPLE = ("people_equipped", "people_reached", "people_reached_identified", "people_reached_anonymous")
_DECIDES = {
    "used": "passes_used", "prescribed": "carnets_prescribed", "issued": "passes_issued",
    "expired": "passes_expired", "cancelled": "passes_cancelled",
}  # fmt: skip
DECIDED_BY = {measure: _DECIDES[carrier] for measure, carrier in CARRIERS.items()} | {name: name for name in _PEOPLE}
#: A national sum costs ten times its value to withhold: everybody reads it.
_WEIGHT = 10.0
#: Up to so many commanditaires, what each computes is looked for here; above, in processes side by side.
_ASKED_HERE = 8
_WORKERS = min(4, os.cpu_count() or 1)


@dataclass(frozen=True)
class Protected:
    """facts: as facts.COLUMNS, value null where it is withheld. close: cells that no mask protects any more."""

    facts: pl.DataFrame
    withheld: int
    close: int


def protected(true: pl.DataFrame, versions: Sequence[tuple[str, Path]], threshold: int) -> Protected:
    """The facts of `true` (facts.read) that may be shown. threshold: the strictest of the commanditaires'."""
    own = pl.concat([of_programme(siren, _told(cube_of(path, threshold))) for siren, path in versions])
    decides = pl.col("measure").replace_strict(DECIDED_BY)
    cells = true.filter(pl.col("measure").is_in(list(set(DECIDED_BY.values()))), pl.col("kind") != "territory")
    shown = own.filter(pl.col("value").is_not_null()).select(KEYS)
    tables = _tables(cells, shown)
    mask = protect(tables, threshold, hidden_before=_told_to_one_of_them(tables, threshold))
    hidden = _against_each(tables, mask, threshold, sorted(siren for siren, _ in versions))
    close = breaches(tables, hidden, threshold)
    secret = pl.DataFrame({"cell": sorted(hidden)}, schema={"cell": pl.String})
    # What no commanditaire is told of a span (its carnets of a month), nobody is told of the nation.
    told = own.filter(kind=COMMANDITAIRE).select("span", "measure").unique()
    whole = (
        true.filter(kind=NATIONAL)
        .join(told, on=["span", "measure"], how="semi")
        .with_columns(cell=_cell(decides))
        .join(secret.with_columns(is_secret=pl.lit(True)), on="cell", how="left")
        .with_columns(pl.when(pl.col("is_secret").is_null()).then("value").alias("value"))
    )
    facts = pl.concat([whole.select(COLUMNS), own.select(COLUMNS)]).sort(KEYS)
    return Protected(facts, facts["value"].null_count(), len(close))


def _told(cube: Cube) -> pl.DataFrame:
    """The facts of a cube that have a true one: rates and stocks are no figure of these pages."""
    return cube.facts.filter(pl.col("measure").is_in(list(DECIDED_BY)))


def _cell(measure: pl.Expr | str = "measure") -> pl.Expr:
    name = pl.col(measure) if isinstance(measure, str) else measure
    return pl.concat_str(name, "kind", "place", "span", separator="|").alias("cell")


def _tables(cells: pl.DataFrame, shown: pl.DataFrame) -> Tables:
    """The national cells, and those of commanditaires that withhold one of a measure; the others are one cell, known.

    cells: true counts (KEYS, value) of the nation and of commanditaires; shown: KEYS of what their cubes show. A zero
    is told (one that a cube does not tell is one more thing that a reader would have to guess): what is withheld is
    one at least.
    """
    cells = cells.filter(pl.col("value") > 0)
    marked = cells.join(shown.with_columns(is_shown=pl.lit(True)), on=KEYS, how="left").with_columns(
        pl.col("is_shown").fill_null(False), cell=_cell()
    )
    whole, of_one = marked.filter(kind=NATIONAL), marked.filter(kind=COMMANDITAIRE)
    guarded = of_one.filter(~pl.col("is_shown")).select("place", "measure").unique()
    apart = of_one.join(guarded, on=["place", "measure"], how="semi")
    rest = (
        of_one.join(guarded, on=["place", "measure"], how="anti")
        .group_by("measure", "span")
        .agg(pl.col("value").sum())
        .with_columns(cell=pl.concat_str(pl.lit("reste|"), "measure", pl.lit("|"), "span"))
    )
    values = dict(pl.concat([f.select("cell", "value") for f in (whole, apart, rest)]).rows())
    known = {*apart.filter("is_shown")["cell"], *rest["cell"]}
    sums = [*_of_places(whole, apart, rest), *_of_spans(marked, values), *_of_people(marked, values)]
    return Tables(
        values=values,
        sums=tuple(sums),
        counts=frozenset(values),
        published=frozenset(whole["cell"]),
        known=frozenset(known),
        withheld=frozenset(apart.filter(~pl.col("is_shown"))["cell"]),
        costs=dict(whole.select("cell", pl.col("value") * _WEIGHT).rows()),
        at_most=_trained_are_equipped(values),
    )


def _told_to_one_of_them(tables: Tables, threshold: int) -> frozenset[str]:
    """National sums that tell a commanditaire what another withholds: without its own part, which it has, one part
    alone is left unknown, or parts that make less than two of them may."""
    found = set()
    for total, parts in tables.sums:
        # Without the largest, the others are the closest to being known.
        others = sorted(tables.values[part] for part in parts if part in tables.withheld)[:-1]
        if total in tables.published and (len(others) == 1 or 0 < len(others) > sum(others) - threshold + 2):
            found.add(total)
    return frozenset(found)


def _against_each(tables: Tables, mask: Mask, threshold: int, sirens: Sequence[str]) -> frozenset[str]:
    """The cells of `mask`, and those to withhold too for no commanditaire to compute, with its own, what another
    withholds. Each is asked of all that is withheld, then again of what was withheld since, until nothing is."""
    hidden, only = mask.hidden, None
    while only is None or only:
        before = hidden
        for siren in _who_compute(tables, hidden, threshold, sirens, only):
            hidden = mend(_as_seen_by(siren, tables), replace(mask, hidden=hidden), threshold).hidden
        only = hidden - before
    return hidden


def _as_seen_by(siren: str, tables: Tables) -> Tables:
    """The tables of a reader who has the figures of that commanditaire whole."""
    own = {cell for cell in tables.values if f"|{COMMANDITAIRE}|{siren}|" in cell}
    return replace(tables, known=tables.known | own, withheld=tables.withheld - own)


def _who_compute(
    tables: Tables, hidden: frozenset[str], threshold: int, sirens: Sequence[str], only: frozenset[str] | None
) -> list[str]:
    """The commanditaires who come too close, with their own figures, to a cell (of `only`) that another withholds."""
    lost = frozenset(breaches(tables, hidden, threshold))  # what no mask protects, from anybody
    ask = partial(_computes, tables, hidden, threshold, only, lost)
    if len(sirens) <= _ASKED_HERE:
        return [siren for siren in sirens if ask(siren)]
    with ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        return [siren for siren, found in zip(sirens, pool.map(ask, sirens), strict=True) if found]


def _computes(
    tables: Tables,
    hidden: frozenset[str],
    threshold: int,
    only: frozenset[str] | None,
    lost: frozenset[str],
    siren: str,
) -> bool:
    return bool(breaches(_as_seen_by(siren, tables), hidden, threshold, only=only).keys() - lost)


def _of_places(whole: pl.DataFrame, apart: pl.DataFrame, rest: pl.DataFrame) -> list[Sum]:
    """Commanditaires make the nation, measure by measure and span by span."""
    parts = pl.concat([f.select("measure", "span", part="cell") for f in (apart, rest)])
    made = whole.join(parts, on=["measure", "span"]).group_by("cell", maintain_order=True).agg("part")
    return [(total, tuple(of)) for total, of in made.rows()]


def _of_spans(marked: pl.DataFrame, values: dict[str, float]) -> list[Sum]:
    """Each span of time is part of the one above; the answers to a question, those who were asked."""
    span = pl.col("span")
    above = pl.when(span.str.contains("=")).then(pl.lit(ALL)).otherwise(span_above())
    asked = pl.when(span.str.contains("=")).then(span.str.extract(r"^([^=]*)")).otherwise(pl.lit(""))
    # Of those trained, only the identified answered.
    answered = pl.when(span.str.contains("=") & (pl.col("measure") == "people_reached")).then(
        pl.lit("people_reached_identified")
    )
    parts = marked.filter(pl.col("cell").is_in(list(values))).with_columns(
        part="cell", asked=asked, measure=answered.otherwise(pl.col("measure")), span=above
    )
    made = (
        parts.filter(pl.col("span").is_not_null())
        .with_columns(cell=_cell())
        .group_by("cell", "asked", maintain_order=True)
        .agg("part", made=pl.col("value").sum())
    )
    # Answers that do not make the whole (figures corrected since) tie nothing.
    return [(c, tuple(of)) for c, _, of, total in made.rows() if c in values and abs(values[c] - total) < 1e-6]


def _of_people(marked: pl.DataFrame, values: dict[str, float]) -> list[Sum]:
    """People reached are identified or anonymous, at every place."""
    found: list[Sum] = []
    for kind, place in marked.select("kind", "place").unique().sort("kind", "place").rows():
        total, *parts = (f"{name}|{kind}|{place}|{ALL}" for name in _PEOPLE[1:])
        there = tuple(part for part in parts if part in values)
        if total in values and abs(values[total] - sum(values[part] for part in there)) < 1e-6:
            found.append((total, there))
    return found


def _trained_are_equipped(values: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """People trained, by answer, are among those equipped: a reader knows it."""
    pairs = ((name, name.replace("people_reached|", "people_equipped|", 1)) for name in values)
    return tuple(
        (small, large)
        for small, large in pairs
        if small != large and "=" in small and values.get(large, -1) >= values[small]
    )
