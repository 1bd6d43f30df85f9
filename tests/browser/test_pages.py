"""Every page, in a real browser: no exception, no outside request, French, accessible, its states and its size."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle, until, visit

PAGES = {
    "": "Vue d'ensemble",
    "pass_a_sauver": "Pass à sauver",
    "territoires": "Territoires",
    "territoire": "Fiche d'un territoire",
    "lieux": "Lieux",
    "lieu": "Fiche d'un lieu",
    "parcours": "Parcours du pass",
    "mandat": "Mandat",
    "budget": "Budget",
    "publics": "Publics",
    "exports": "Exports",
    "qualite": "Qualité",
    "definitions": "Définitions",
    "accessibilite": "Accessibilité",
    "controles": "Résultats des contrôles",
}
#: Pages of which every table and chart can be taken away → how many share the file of another: the two of the mandate's
#: account are one.
TAKEN_AWAY = {"lieux": 0, "lieu": 0, "parcours": 0, "budget": 0, "publics": 0, "mandat": 2, "territoire": 0}
#: Words that would be English left on a page (whole words, of the text or of what a screen reader hears).
ENGLISH = re.compile(
    r"\b(the|and|of|with|select|choose|search|download|show|hide|loading|running|error|warning|help|close|open|"
    r"remove|clear|settings|rerun|print|fullscreen|sidebar|menu items|no results|none|null|nan|true|false|January|"
    r"February|April|June|July|August|September|October|November|December|Monday)\b",
    re.IGNORECASE,
)
#: French words, names of formats and codes that the expression would take for English.
ALLOWED = re.compile(r"fr\.numerique|passnum [a-z]+|« [^»]*»")
HEARD = """() => [...document.querySelectorAll('body *')].filter(node => node.checkVisibility()).flatMap(node =>
  ['aria-label', 'title', 'placeholder', 'alt'].map(name => node.getAttribute(name)).filter(Boolean))"""


def wrong(tab: Page) -> list[str]:
    """What axe finds, whatever its weight."""
    return [
        f"{item['id']}: {[node['html'][:160] for node in item['nodes'][:3]]}"
        for item in Axe().run(tab).response["violations"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_french_accessible_and_fits_a_phone(
    path: str, site: str, tab: Page, outside: list[str]
) -> None:
    """Nor does it load anything from outside; of what it shows, as many CSV as tables and charts."""
    visit(tab, f"{site}/{path}")
    expect(tab.get_by_role("heading", level=1)).to_have_text(PAGES[path])
    assert tab.locator("[data-testid=stException]").count() == 0
    assert tab.evaluate("document.documentElement.lang") == "fr"
    expect(tab).to_have_title(f"{PAGES[path]} – Pass Numérique")
    assert outside == []
    assert tab.evaluate("refused") == []
    if path != "accessibilite":
        expect(tab.get_by_role("note").first).to_contain_text("Données de démonstration")
        expect(tab.locator("dl.pn-facts")).to_contain_text("Données au")
    words = [tab.inner_text("body"), *tab.evaluate(HEARD)]
    found = sorted({match for text in words for match in ENGLISH.findall(ALLOWED.sub("", text))})
    assert found == []
    charts = tab.locator("[data-testid=stVegaLiteChart]")
    assert tab.locator(".pn-table").count() >= charts.count(), "a chart without its table"
    for chart in charts.all():
        label = chart.get_attribute("aria-label") or chart.locator("[aria-label]").first.get_attribute("aria-label")
        assert label, "a chart without a text alternative"
    if path in TAKEN_AWAY:
        tab.locator(".pn-table").first.wait_for(state="attached")
        files = tab.get_by_role("button", name=re.compile(r"\(CSV\)$"))
        # Buttons are drawn after their tables: the count is waited for, never taken in passing.
        expect(files, path).to_have_count(tab.locator(".pn-table").count() - TAKEN_AWAY[path])
    assert wrong(tab) == []
    assert tab.get_by_role("main").count() == tab.get_by_role("navigation").count() == 1
    try:
        tab.emulate_media(color_scheme="dark")
        until(tab, "getComputedStyle(document.querySelector('.stApp')).backgroundColor === 'rgb(16, 27, 31)'")
        settle(tab)
        assert wrong(tab) == [], "dark"
    finally:
        tab.emulate_media(color_scheme="null")
    tab.set_viewport_size({"width": 390, "height": 844})
    until(tab, "document.documentElement.scrollWidth <= 390")
    until(tab, "document.querySelector('[data-testid=stMainBlockContainer]').scrollWidth <= 390")


def test_the_server_tells_the_browser_to_stay_on_this_machine(site: str, tab: Page) -> None:
    answer = tab.goto(site)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert all(words in policy for words in ("default-src 'self'", "form-action 'self'", "base-uri 'self'"))
    (scripts,) = (words for words in policy.split("; ") if words.startswith("script-src"))
    assert " 'unsafe-eval'" not in scripts
    assert "'unsafe-inline'" not in scripts
    for path in ("x.html", "mandat/a.b", "static/js/none.js", "passnum/fr.js"):
        other = tab.request.get(f"{site}/{path}")
        assert other.headers["x-content-type-options"] == "nosniff"
        if "text/html" in other.headers["content-type"]:
            expected = "script-src 'self' 'wasm-unsafe-eval'" if path.startswith("static") else scripts
            assert expected in other.headers["content-security-policy"]
    refused = tab.evaluate("fetch('https://example.org/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    assert tab.evaluate("refused") == ["https://example.org/"]


def test_the_results_of_the_checks_open_from_the_quality_page(site: str, tab: Page) -> None:
    visit(tab, f"{site}/qualite")
    tab.get_by_role("link", name="Ouvrir les résultats des contrôles").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Résultats des contrôles")
    inside = tab.frame_locator("iframe[title='Résultats des contrôles de la version publiée']")
    expect(inside.get_by_role("heading", name="Contrôles de qualité")).to_be_visible()


def test_an_unknown_page_says_so_in_french(site: str, tab: Page) -> None:
    visit(tab, f"{site}/nimporte")
    expect(tab.get_by_text("La page demandée n'existe pas")).to_be_visible()
    assert tab.get_by_text("does not seem to exist").count() == 0
