"""Back and Forward: address, widgets and figures always agree, and each filter is one step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import box, choose, settle, visit

SINCE = re.compile("sur la période$")
EVER = re.compile("depuis le début$")


@pytest.fixture
def places(site: str, tab: Page) -> Iterator[Page]:
    # A measure of the period: its caption says which.
    yield visit(tab, f"{site}/territoires?mesure=Heures+de+formation")


def asked(tab: Page) -> dict[str, list[str]]:
    return {name: values for name, values in parse_qs(urlparse(tab.url).query).items() if name in ("du", "ami")}


def shows(tab: Page, page: str, start: str, call: str, caption: re.Pattern[str] | None = None) -> None:
    """The page, its two filters in the address and in the widgets, and what its figures say they cover."""
    expect(tab.get_by_role("heading", level=1)).to_have_text(page)
    settle(tab)
    if caption is not None:
        expect(box(tab, "Du mois de")).to_have_value(start or "début du programme")
        expect(tab.locator(".pn-table caption").first).to_have_text(caption)
    expect(box(tab, "Appel (AMI)")).to_have_value(call or "AMI 1 et 2")
    told = {name: [value] for name, value in (("du", start), ("ami", call)) if value}
    assert asked(tab) == told


def test_filters_and_pages_are_steps_that_back_and_forward_walk(places: Page) -> None:
    tab = places
    choose(tab, "Du mois de", "juillet 2020")
    rows = tab.locator(".pn-table").first.locator("tbody tr")
    every = rows.count()
    choose(tab, "Appel (AMI)", "AMI 1 (2020)")
    expect(rows).not_to_have_count(every)
    some = rows.count()
    tab.get_by_role("link", name="Publics").click()
    shows(tab, "Publics", "juillet 2020", "AMI 1 (2020)")

    tab.go_back()
    shows(tab, "Territoires", "juillet 2020", "AMI 1 (2020)", SINCE)
    expect(rows).to_have_count(some)
    tab.go_back()
    shows(tab, "Territoires", "juillet 2020", "", SINCE)
    expect(rows).to_have_count(every)
    tab.go_back()
    shows(tab, "Territoires", "", "", EVER)

    tab.go_forward()
    shows(tab, "Territoires", "juillet 2020", "", SINCE)
    tab.go_forward()
    shows(tab, "Territoires", "juillet 2020", "AMI 1 (2020)", SINCE)
    expect(rows).to_have_count(some)
    tab.go_forward()
    shows(tab, "Publics", "juillet 2020", "AMI 1 (2020)")


def test_a_filter_set_after_back_is_a_step_and_forgets_those_after_it(places: Page) -> None:
    tab = places
    choose(tab, "Du mois de", "juillet 2020")
    tab.go_back()
    shows(tab, "Territoires", "", "", EVER)
    choose(tab, "Appel (AMI)", "AMI 2 (2021)")
    tab.go_forward()
    shows(tab, "Territoires", "", "AMI 2 (2021)", EVER)
    tab.go_back()
    shows(tab, "Territoires", "", "", EVER)


def test_back_from_a_filtered_page_to_one_left_without_a_filter_shows_it_without(places: Page) -> None:
    """What was chosen since, on another page, does not come along: the address come back to says nothing of it."""
    tab = places
    tab.get_by_role("link", name="Budget").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Budget")
    settle(tab)
    choose(tab, "Du mois de", "juillet 2020")
    tab.go_back()
    expect(box(tab, "Du mois de")).to_have_value("début du programme")
    tab.go_back()
    shows(tab, "Territoires", "", "", EVER)
