"""Pages and documents read together: the committee's pages and an edition give no small count away.

Six hundred simulated carnets, as dirty as real files. Two attacks: one on the whole system of both (cube/past),
one that shares nothing with it but the solver: what readers collect from the pages, and what an outsider reads in the
CSV files of the edition (passes used). Does not live here: pages alone (test_cube.py), editions (test_attack_report).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from programme.config import load_programme
from reporting.anct import export as anct
from reporting.cube import choose, store, system
from reporting.cube.choose import Withheld
from reporting.cube.past import Past, alone, beside, empty_months
from reporting.figures.collect import collect
from reporting.figures.period import parse_period
from reporting.figures.publication import register_of
from reporting.suppression import breaches
from reporting.suppression.attack import Interval
from reporting.suppression.register import read_pages
from tests.integration.reporting import pages_attack
from tests.integration.reporting.outsider import ALL, Outsider
from tests.once import copy_home
from warehouse.published.versions import Version, current_version, told_paths
from warehouse.settings import Home

THRESHOLD = 11
PERIOD = "2023-T4"
TERRITORIES = ("75118", "94080")
CALLS = (1, 2)


@dataclass(frozen=True)
class Both:
    """A home where an edition was issued and the pages of its version were made."""

    home: Home
    version: Version
    edition: Path
    pages: Withheld


def _issue(home: Home, version: Version) -> Path:
    return anct.issue(version, load_programme(), parse_period(PERIOD), home).edition.folder


def _pages(version: Version) -> Withheld:
    """Make the cube of the version: what was chosen."""
    found: list[Withheld] = []
    choose_again = choose.withheld

    def noted(source: system.Source, threshold: int, past: Past) -> Withheld:
        found.append(choose_again(source, threshold, past))
        return found[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "withheld", noted)
        store.cube_of(version.path, THRESHOLD)
    return found[0]


ORDERS = [pytest.param(True, id="edition-first"), pytest.param(False, id="pages-first", marks=pytest.mark.exhaustive)]


@pytest.fixture(scope="module", params=ORDERS)
def both(request: pytest.FixtureRequest, simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    home = Home.at(copy_home(simulated_home, tmp_path_factory.mktemp("both") / "home"))
    version = current_version(home)
    assert version is not None
    if request.param:
        edition = _issue(home, version)
        return Both(home, version, edition, _pages(version))
    pages = _pages(version)
    return Both(home, version, _issue(home, version), pages)


def _attack(both: Both, pages: Withheld) -> dict[str, Interval]:
    """What the edition and the pages, where these withhold `pages`, give of the whole system of both."""
    entries = register_of(both.home).entries()
    source = system.read(both.version.path, THRESHOLD, empty_months(entries))
    past = beside(source, collect(both.version), entries)
    whole = replace(past.whole, published=past.whole.published - past.of(pages.untold))
    assert len(whole.known & past.own.values.keys()) > 200, "the edition tells cells that pages have too"
    return breaches(whole, past.of(pages.hidden) & whole.published, THRESHOLD)


def test_an_edition_and_the_pages_give_no_small_count_together(both: Both) -> None:
    """Apart from what was told that nothing protects any more."""
    told = both.pages.exposed | {cell for entry in register_of(both.home).entries() for cell in entry.exposed}
    assert len(told) < 20
    assert _attack(both, both.pages).keys() - told == set()


def test_what_an_edition_withholds_no_page_shows(both: Both) -> None:
    entry = register_of(both.home).entries()[0].earlier
    (pages,) = read_pages(told_paths(both.version.path))
    shared = pages.earlier.values.keys() & (entry.hidden | entry.shown)
    assert len(shared) > 300
    assert entry.hidden & pages.earlier.shown == set()


@pytest.mark.exhaustive
def test_masks_chosen_apart_give_each_other_away(both: Both) -> None:
    """The attack is worth something: pages that know of no edition, beside it."""
    source = system.read(both.version.path, THRESHOLD)
    apart = choose.withheld(source, THRESHOLD, alone(source, both.version.as_of))
    assert len(_attack(both, apart)) > 300


def test_the_files_of_an_edition_and_the_pages_give_no_use_away(both: Both) -> None:
    """Passes used, from what readers see and from the CSV files alone."""
    readers = pages_attack.readers(both.version.path, THRESHOLD, TERRITORIES)
    seen = [pages_attack.collect(reader, CALLS, TERRITORIES) for reader in readers.values()]
    for reader in readers.values():
        assert reader.opened is not None
        reader.opened.close()
    outsider, period = Outsider(), parse_period(PERIOD)
    outsider.read(both.edition / "csv", f"{period.start:%Y-%m}", f"{period.months[-1]:%Y-%m}")
    read = dict(_uses(outsider, f"{both.version.as_of:%Y-%m}"))
    assert sum(value is not None for value in read.values()) > 100
    tables, hidden = pages_attack.tables(both.version.path, [*seen, read], THRESHOLD)
    found = breaches(tables, hidden, THRESHOLD)
    close = {cell: one for cell, one in found.items() if one.low > 1 + 1e-5 or one.high < THRESHOLD - 1 - 1e-5}
    assert {cell: one for cell, one in close.items() if cell in tables.primary(THRESHOLD)} == {}


def _uses(outsider: Outsider, last: str) -> Iterable[tuple[str, float | None]]:
    """What the files say of passes used, as the attack on pages names it (a month, a quarter, all)."""
    for (what, where, start, end), value in outsider.cells.items():
        span = (
            "tout"
            if not start and end == last
            else start
            if start == end
            else f"{start[:4]}-T{(int(end[5:]) + 2) // 3}"
        )
        if not start and end != last:
            continue
        if what == "pass_lieu" and start != end:
            yield f"used|lieu|{where.removeprefix('lieu ')}|{span}", value
        elif what == "pass_utilises" and where == ALL:
            yield f"used|programme||{span}", value
        elif what == "pass_utilises" and not where.startswith("ept "):
            yield f"used|territory|{where}|{span}", value
