"""Pages and documents read together: the committee's pages and an edition give no small count away.

Six hundred simulated carnets, as dirty as real files: what test_pages_beside_documents.py (unit) tries, on a whole
programme. Does not live here: pages alone (test_cube.py), editions (test_attack_report).
"""

from __future__ import annotations

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
from tests.once import copy_home
from warehouse.published.versions import Version, current_version
from warehouse.settings import Home

pytestmark = pytest.mark.exhaustive
THRESHOLD = 11
PERIOD = "2023-T4"


@dataclass(frozen=True)
class Both:
    """A home where an edition was issued and the pages of its version were made."""

    home: Home
    version: Version
    pages: Withheld


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


@pytest.fixture(scope="module")
def both(simulated_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """An edition, then the pages."""
    home = Home.at(copy_home(simulated_home, tmp_path_factory.mktemp("both") / "home"))
    version = current_version(home)
    assert version is not None
    anct.issue(version, load_programme(), parse_period(PERIOD), home)
    return Both(home, version, _pages(version))


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
    entries = register_of(both.home).entries()
    source = system.read(both.version.path, THRESHOLD, empty_months(entries))
    past = beside(source, collect(both.version), entries)
    edition = entries[0].earlier
    assert len(past.own.values.keys() & (edition.hidden | edition.shown)) > 300
    assert edition.hidden & (past.own.published - past.of(both.pages.hidden)) == set()


def test_masks_chosen_apart_give_each_other_away(both: Both) -> None:
    """The attack is worth something: pages that know of no edition, beside it."""
    source = system.read(both.version.path, THRESHOLD)
    apart = choose.withheld(source, THRESHOLD, alone(source, both.version.as_of))
    assert len(_attack(both, apart)) > 100
