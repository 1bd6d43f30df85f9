"""What was published before, as the cells of what is published next must take it: times, zeros, what is told openly.

Does not live here: where it is written down (suppression/register.py), the cells themselves
(cells.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from reporting.figures.cells import FAMILIES, beside_keys, kind_of, page_kind
from reporting.figures.knowledge import PROGRAMME
from reporting.figures.period import parse_period
from reporting.suppression.register import Entry
from reporting.suppression.tables import Earlier, Tables

#: What starts the name of a cell that pages alone have.
PAGE = "page "


def is_of_pages(name: str) -> bool:
    """Whether documents have no such cell."""
    return name.startswith(PAGE)


def empty_before(entries: Iterable[Entry]) -> frozenset[str]:
    """The zeros of a territory, or of its EPT, that earlier editions held: masked with the other months there."""
    zeros = (name for entry in entries for name, value in entry.earlier.values.items() if not value)
    return frozenset(name for name in zeros if name.split("|")[0] in FAMILIES)


def known_times(entries: Iterable[Entry]) -> dict[str, set[str]]:
    """Kind → times of the cells that were shown or withheld."""
    times: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        add_times(times, entry.earlier.shown | entry.earlier.hidden)
    return times


def add_times(times: dict[str, set[str]], cells: Iterable[str], *, of_pages: bool = False) -> None:
    """Note the times of `cells` in `times`, each under its kind."""
    for name in cells:
        if not is_of_pages(name):
            measure, place, time = name.split("|")
            times[page_kind(measure, place) if of_pages else kind_of(measure, place)].add(time)


def told_times(entry: Entry) -> set[str]:
    """The times that an edition tells of at every place: those of the programme alone, beside which its bilan sets
    them, left out."""
    cells = (name for name in entry.earlier.shown | entry.earlier.hidden if not is_of_pages(name))
    whole = [name.split("|") for name in cells if name.split("|")[1] == PROGRAMME]
    period = parse_period(entry.name)
    return {time for measure, _, time in whole if time not in beside_keys(measure, period)}


def with_zeros(entry: Entry, values: Mapping[str, float], masked: Container[str]) -> Earlier:
    """What an edition held, with the zeros that it showed as such and were none of its cells: the empty months of its
    period, and those of a level (measure, kind of place, time) of which it had another place.

    values: the cells of what is published next; masked: those of them that earlier editions may have had.
    """
    earlier = entry.earlier
    cells = [name for name in earlier.shown | earlier.hidden if not is_of_pages(name)]
    months = {time for time in told_times(entry) if len(set(time.split(".."))) == 1}
    levels = {_level(name) for name in cells}
    zeros = {
        name: 0.0
        for name, value in values.items()
        if not value
        and name not in earlier.values
        and name in masked
        and not is_of_pages(name)
        and (name.split("|")[2] in months or _level(name) in levels)
    }
    return replace(earlier, values={**earlier.values, **zeros}, shown=earlier.shown | zeros.keys())


def _level(name: str) -> tuple[str, str, str]:
    measure, place, time = name.split("|")
    return measure, place if place == PROGRAMME else place[:4] if place.startswith("ept:") else "", time


def with_openly_told(tables: Tables, entries: Iterable[Entry]) -> Tables:
    """`tables` with the cells of pages that editions give without a mask known: passes issued at every place; expired
    and cancelled of the programme, and its balances where its uses since the start are shown. At the times of an
    edition, such passes count nobody anywhere: documents say so of the programme."""
    known: set[str] = set()
    nobody: set[str] = set()
    of_pages = [(name, *name.removeprefix(PAGE).split("|")) for name in tables.values if is_of_pages(name)]
    for entry in entries:
        own = told_times(entry)
        balances = {
            name.split("|")[2] for name in entry.earlier.shown if name.startswith(f"passes_used|{PROGRAMME}|..")
        }
        for name, carrier, place, time in of_pages:
            is_programme, lost = place == "programme:", carrier in ("expired", "cancelled")
            if (carrier == "issued" or lost) and time in own:
                nobody.add(name)
            issued = carrier == "issued" and place.split(":")[0] in ("territory", "ami", "programme")
            if (issued or (lost and is_programme)) and time in own:
                known.add(name)
            if carrier == "closing" and is_programme and f"..{time[-7:]}" in balances:
                known.add(name)
    return replace(
        tables, known=tables.known | known, withheld=tables.withheld - known, counts=tables.counts - nobody
    )  # fmt: skip
