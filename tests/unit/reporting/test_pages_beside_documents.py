"""Pages and an edition of two territories: masks chosen apart give each other away, in one system neither does.

Five people or fewer in a month; each publication alone hides it behind another month. Does not live here: a whole
programme (tests/integration/reporting/test_pages_and_documents.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from reporting.cube import facts, links
from reporting.cube.choose import withheld
from reporting.cube.past import Past, alone, beside
from reporting.cube.system import Source, _part
from reporting.figures.cells import build_tables
from reporting.figures.collect import Source as Documents
from reporting.figures.period import parse_period
from reporting.suppression import Mask, Tables, breaches, protect
from reporting.suppression.register import RULE, Entry
from reporting.suppression.tables import Earlier
from tests.unit.reporting.publications import A, B, month, write

THRESHOLD = 11
LAST = date(2023, 12, 31)
PERIOD = parse_period("2023-T4")
USES = {(A, 9): 50, (A, 10): 3, (A, 11): 20, (A, 12): 25, (B, 9): 60, (B, 10): 30, (B, 11): 15, (B, 12): 35}


def documents() -> Documents:
    monthly = [
        month(place, date(2023, number, 1), passes_used=uses, people_reached=0)
        for (place, number), uses in USES.items()
    ]
    return write(monthly=monthly).source


def pages() -> Source:
    """Passes used of both territories, of their one call and of the programme, at every span."""
    rows = pl.DataFrame(
        [(place, "1", date(2023, number, 1), float(uses)) for (place, number), uses in USES.items()],
        schema=["territory_code", "ami", "month", "value"], orient="row",
    ).with_columns(facts.spans("month", "quarter", "year", facts.ALL), measure=pl.lit("passes_used"))  # fmt: skip
    of = facts.added(facts.by_place(rows.explode("span")).with_columns(carrier=pl.lit("used")))
    cells = of.select(*facts.KEYS, "cell", "value")
    part = _part("used", cells, links.of_time(cells), links.of_places(cells, {A: "1", B: "1"}))
    return Source(of, pl.DataFrame(), [part], [])


def issued(tables: Tables, mask: Mask) -> Entry:
    shown = tables.published - mask.hidden
    held = Earlier(tables.values, tables.sums, shown, mask.hidden, tables.at_most, tables.limits, tables.veiled)
    return Entry(PERIOD.code, held, THRESHOLD, rule=RULE)


def first_edition() -> Entry:
    """It hides the small October behind December, and pages alone behind November."""
    tables = build_tables(documents(), PERIOD, {})
    cheap = {name: 0.01 for name in tables.costs if name.endswith("2023-12..2023-12")}
    return issued(tables, protect(replace(tables, costs={**tables.costs, **cheap}), THRESHOLD))


def close(past: Past, hidden: frozenset[str]) -> set[str]:
    """The cells that both together give away."""
    return set(breaches(past.whole, past.of(hidden) & past.whole.published, THRESHOLD))


def test_masks_chosen_apart_give_each_other_away() -> None:
    source, edition = pages(), first_edition()
    apart = withheld(source, THRESHOLD, alone(source, LAST))
    assert not apart.exposed
    assert f"passes_used|{A}|2023-10..2023-10" in close(beside(source, documents(), [edition]), apart.hidden)


def test_pages_made_after_an_edition_hold_with_it() -> None:
    source, edition = pages(), first_edition()
    past = beside(source, documents(), [edition])
    chosen = withheld(source, THRESHOLD, past)
    assert not chosen.exposed
    assert close(past, chosen.hidden) == set()
    assert edition.earlier.hidden & (past.own.published - past.of(chosen.hidden)) == set()
    assert f"used|territory|{A}|2023-12" in chosen.hidden, "withheld by the edition: no page shows it"
