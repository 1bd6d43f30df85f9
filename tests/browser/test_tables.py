"""A table one can work with: sorted from its headings, by keyboard too, searched, and the same after a filter."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import choose, visit

WITHHELD = ("secret", "—")


def column(table: Locator, number: int) -> list[str]:
    return [text.strip() for text in table.locator(f"tbody tr:visible > :nth-child({number})").all_inner_texts()]


def figures(texts: list[str]) -> list[float]:
    shown = [text.replace("−", "-").replace(",", ".") for text in texts if text not in WITHHELD]
    return [float(re.sub(r"[^\d.-]", "", text)) for text in shown]


def test_a_heading_sorts_and_says_so(site: str, tab: Page) -> None:
    visit(tab, f"{site}/territoires?mesure=Heures+de+formation")
    table = tab.locator(".pn-table").first
    first = column(table, 3)
    heading = table.get_by_role("columnheader", name=re.compile("^Heures"))
    assert heading.get_attribute("aria-sort") is None
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    up = figures(column(table, 3))
    assert up == sorted(up) and len(set(up)) > 2
    # The keyboard does what the mouse does.
    heading.get_by_role("button").press("Enter")
    expect(heading).to_have_attribute("aria-sort", "descending")
    down = column(table, 3)
    assert figures(down) == sorted(up, reverse=True)
    kept = [text for text in down if text not in WITHHELD]
    assert down[: len(kept)] == kept, "what has no value stays at the end"
    heading.get_by_role("button").press("Space")
    expect(heading).not_to_have_attribute("aria-sort", re.compile("."))
    assert column(table, 3) == first
    names = table.get_by_role("columnheader", name="Territoire")
    names.get_by_role("button").click()
    expect(names).to_have_attribute("aria-sort", "ascending")
    assert table.locator("[aria-sort]").count() == 1


def test_days_sort_as_days(site: str, tab: Page) -> None:
    visit(tab, f"{site}/budget")
    tab.locator("details.pn-details:has(.pn-table) > summary").first.click()
    table = tab.locator(".pn-table").first
    table.get_by_role("button", name="À la fin de", exact=True).click()
    expect(table.get_by_role("columnheader", name="À la fin de", exact=True)).to_have_attribute(
        "aria-sort", "ascending"
    )
    days = table.locator("tbody th").evaluate_all("cells => cells.map(cell => cell.dataset.sort)")
    assert days == sorted(days) and len(set(days)) > 12
    assert column(table, 1) != sorted(column(table, 1)), "the words alone would not sort"


def test_a_search_finds_without_accents_and_lasts_through_a_filter(site: str, tab: Page) -> None:
    visit(tab, f"{site}/territoires?mesure=Heures+de+formation")
    table = tab.locator(".pn-table").first
    every = table.locator("tbody tr").count()
    field = tab.get_by_role("searchbox", name=re.compile("^Chercher dans ce tableau")).first
    found = tab.locator(".pn-found").first
    word = column(table, 1)[0]
    field.fill(word.upper().replace("É", "E").replace("È", "E"))
    assert column(table, 1) == [word]
    expect(found).to_have_text(f"1 ligne sur {every}")
    field.fill("xyzzy")
    expect(found).to_have_text(f"aucune ligne sur {every}")
    field.fill(word)
    choose(tab, "Du mois de", "juillet 2020")
    expect(tab.locator(".pn-table caption").first).to_have_text(re.compile("sur la période$"))
    expect(tab.get_by_role("searchbox").first).to_have_value(word)
    assert column(tab.locator(".pn-table").first, 1) == [word]
