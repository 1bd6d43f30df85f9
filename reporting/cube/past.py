"""What documents published before, as the choice of the cube must take it: one system of cells for both.

A cell that a document showed is known, one that it withheld is withheld from pages too; whatever adds a page's cells to
a document's is part of the attack. Does not live here: the names both share (names.py), the choice (choose.py), what
documents showed (reporting/figures, suppression/register.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from reporting.cube.names import CARRIER_OF, names
from reporting.cube.system import Source, tables, together
from reporting.figures.cells import grouped_answers, tables_at
from reporting.figures.collect import Source as Documents
from reporting.figures.earlier import add_times, empty_before, is_of_pages, known_times, with_openly_told, with_zeros
from reporting.suppression import Tables
from reporting.suppression.register import Entry
from reporting.suppression.tables import Sum, join


@dataclass(frozen=True)
class Past:
    """names: cell of the cube → the name it shares with documents. own: the cells of the cube under these names; whole:
    with all that was published before. known, withheld: cells of the cube that documents show, and withhold."""

    names: dict[str, str]
    own: Tables
    whole: Tables
    known: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()

    def cells(self, named: frozenset[str]) -> frozenset[str]:
        """The cells of the cube of these names."""
        return frozenset(cell for cell, name in self.names.items() if name in named)

    def of(self, cells: frozenset[str]) -> frozenset[str]:
        """The names of these cells of the cube."""
        return frozenset(self.names[cell] for cell in cells if cell in self.names)


def alone(source: Source, last: date) -> Past:
    """Where nothing was published before. last: the date of the data."""
    part = together([*source.parts, *source.beside])
    named = names(part.cells.select("cell", "value"), last)
    own = _renamed(
        tables(part, frozenset(), frozenset(), source.zeros | source.maybe_none),
        dict(named.select("cell", "name").rows()),
    )
    return Past(dict(named.select("cell", "name").rows()), own, own)


def beside(source: Source, documents: Documents, entries: list[Entry]) -> Past:
    """With all that `entries` hold. documents: what the same version gives to documents."""
    last = documents.version.as_of
    part = together([*source.parts, *source.beside])
    named = names(part.cells.select("cell", "value"), last)
    times = known_times(entries)
    add_times(times, named["name"], of_pages=True)
    if times.get("grouped"):
        times["grouped"].add(f"..{last:%Y-%m}")
    between = tables_at(documents, times, empty_before(entries))
    # A cell that the marts of documents count otherwise is another one.
    theirs = pl.DataFrame({"name": list(between.values), "theirs": list(between.values.values())})
    named = named.join(theirs, on="name", how="left").with_columns(
        name=pl.when(pl.col("theirs").is_null() | (pl.col("theirs") == pl.col("value"))).then("name").otherwise("alone")
    )
    by_cell = dict(named.select("cell", "name").rows())
    own = _renamed(tables(part, frozenset(), frozenset(), source.zeros | source.maybe_none), by_cell)
    zeros = {name for name, value in own.values.items() if not value}
    both = replace(
        own,
        values={**between.values, **own.values},
        sums=tuple(dict.fromkeys([*own.sums, *between.sums, *_grouped(by_cell, own, between, documents, last)])),
        at_most=tuple(dict.fromkeys([*own.at_most, *between.at_most])),
        limits=between.limits,
        counts=own.counts | between.counts,
        veiled=own.veiled | (between.veiled - {name for name in own.published if not own.values[name]}),
    )
    masked = zeros | between.groups.keys()
    whole = join(both, [with_zeros(e, both.values, masked) for e in entries])
    whole = with_openly_told(whole, entries)
    known = frozenset(cell for cell, name in by_cell.items() if name in whole.known)
    withheld = frozenset(cell for cell, name in by_cell.items() if name in whole.withheld)
    return Past(by_cell, own, whole, known, withheld)


def empty_months(entries: list[Entry]) -> frozenset[str]:
    """The cells of the cube that are the empty months of a territory, where a document wrote « s »."""
    found: set[str] = set()
    for entry in entries:
        for name in entry.earlier.hidden:
            if is_of_pages(name):
                continue
            measure, place, time = name.split("|")
            month, end = time.split("..")
            if not entry.earlier.values[name] and month == end and (carrier := CARRIER_OF.get(measure)):
                found.add(f"{carrier}|territory|{place}|{month}")
    return frozenset(found)


def _renamed(of: Tables, by_cell: dict[str, str]) -> Tables:
    """`of` with its cells under other names; a sum of a cell and itself says nothing any more."""
    sums = [(by_cell[total], tuple(by_cell[part] for part in parts)) for total, parts in of.sums]
    return Tables(
        values={by_cell[cell]: value for cell, value in of.values.items()},
        sums=tuple(dict.fromkeys((total, parts) for total, parts in sums if parts != (total,))),
        counts=frozenset(by_cell[cell] for cell in of.counts),
        published=frozenset(by_cell[cell] for cell in of.published),
        at_most=tuple(dict.fromkeys((by_cell[small], by_cell[large]) for small, large in of.at_most)),
        costs={by_cell[cell]: cost for cell, cost in of.costs.items()},
        veiled=frozenset(by_cell[cell] for cell in of.veiled),
    )


def _grouped(by_cell: dict[str, str], own: Tables, between: Tables, documents: Documents, last: date) -> list[Sum]:
    """The answers of a territory as pages detail them make those that documents group."""
    found: list[Sum] = []
    for measure, members in grouped_answers(documents).items():
        for total in [
            name for name in between.values if name.startswith(f"{measure}|") and name.endswith(f"..{last:%Y-%m}")
        ]:
            place = total.split("|")[1]
            parts = tuple(
                by_cell[cell] for member in members if (cell := f"equipped|territory|{place}|{member}") in by_cell
            )
            if sum(own.values[part] for part in parts) == between.values[total]:
                found.append((total, parts))
    return found
