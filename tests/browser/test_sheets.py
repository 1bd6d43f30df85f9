"""The sheets as a browser prints them: one A4 page; and no fault for axe on the pages of rates.

Does not live here: what the sheets say (tests/pages/test_sheets.py).
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, PdfMargins, expect

from tests.browser.conftest import visit

MARGINS: PdfMargins = {"top": "10mm", "bottom": "10mm", "left": "10mm", "right": "10mm"}
CHOICES: dict[str, list[dict[str, str]]] = {
    "territoire": [{"territoire": name} for name in ("Paris 18e arrondissement", "Vincennes", "Champigny-sur-Marne")],
    "lieu": [{}],
}
SHEETS = [(page, choice) for page, choices in CHOICES.items() for choice in choices]


def pages_printed(tab: Page) -> int:
    """How many pages a browser prints: the first that it cannot give is past the last."""
    for number in range(1, 20):
        try:
            tab.pdf(format="A4", print_background=True, margin=MARGINS, page_ranges=str(number))
        except Error:
            return number - 1
    return 20


@pytest.mark.parametrize(("page", "choice"), SHEETS, ids=str)
def test_a_sheet_is_printed_on_one_page(site: str, tab: Page, page: str, choice: dict[str, str]) -> None:
    """Issue 20, 5: one printed page for elected officials."""
    visit(tab, f"{site}/{page}?{urlencode(choice)}")
    expect(tab.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").first).to_be_visible()
    expect(tab.locator(".st-key-sheet .pn-table").last).to_be_attached()
    assert pages_printed(tab) == 1


def test_the_overview_is_more_than_one_page_so_that_the_count_can_fail(site: str, tab: Page) -> None:
    visit(tab, f"{site}/lieux")
    expect(tab.locator(".pn-table").first).to_be_visible()
    assert pages_printed(tab) > 1


@pytest.mark.parametrize("page", ["territoires", "territoire", "lieu"])
def test_axe_finds_nothing(site: str, tab: Page, page: str) -> None:
    visit(tab, f"{site}/{page}")
    expect(tab.locator(".pn-table").first).to_be_attached()
    found = [f"{item['id']}: {item['nodes'][0]['html'][:160]}" for item in Axe().run(tab).response["violations"]]
    assert found == []


def test_a_lieu_is_reached_from_its_territory_and_its_address_keeps_it(site: str, tab: Page) -> None:
    visit(tab, f"{site}/territoire?{urlencode({'territoire': 'Vincennes'})}")
    link = tab.locator(".st-key-sheet a[href^='lieu?']").first
    name = link.inner_text()
    link.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Fiche d'un lieu")
    expect(tab.locator(".st-key-sheet h2").first).to_have_text(name)
    tab.reload()
    expect(tab.locator(".st-key-sheet h2").first).to_have_text(name)
