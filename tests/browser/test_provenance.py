"""« D'où vient ce chiffre ? »: a click on a figure opens the files that make it, and its address opens it again.

Does not live here: what the panel says, which needs no click (tests/pages/test_panel.py).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from presentation import format_fr
from tests.browser.conftest import settle, visit
from tests.browser.test_figures import table
from tests.pages.drawn import number

Ask = Callable[..., list[tuple]]
FILES = "Fichiers qui composent ce chiffre"
YEAR = {"du": "janvier 2021", "au": "décembre 2021"}


def panel(tab: Page) -> Locator:
    settle(tab)
    return tab.locator(".st-key-provenance")


def test_a_card_opens_the_files_that_make_it_and_its_address_opens_it_again(
    site: str, tab: Page, open_tab: Callable[..., Page], ask: Ask
) -> None:
    visit(tab, site)
    card = tab.locator("section.pn-card").filter(has=tab.get_by_role("heading", name="Heures de formation", exact=True))
    shown = card.locator(".pn-value").inner_text()
    card.get_by_role("link", name="D'où vient ce chiffre ? Heures de formation").click()
    expect(panel(tab)).to_contain_text(f"Valeur : {shown}")
    rows = table(tab, FILES)
    expected = ask("""
        select file_name, count(*), sum(minutes) / 60.0
        from proof.contribution inner join quality.delivered_file on file_id = source_file_id and outcome = 'loaded'
        where event = 'attendance' group by all order by any_value(extract_date), file_name
    """)
    assert [(row[0], number(row[3])) for row in rows] == [(name, lines) for name, lines, _ in expected]
    assert [row[6] for row in rows] == [format_fr.write(hours, "hours_exact") for *_, hours in expected]
    assert sum(hours for *_, hours in expected) == pytest.approx(
        ask("select value from marts.programme_progress where indicator = 'hours'")[0][0]
    )
    code = parse_qs(urlparse(tab.url).query)["chiffre"][0]
    expect(panel(tab).locator("code").filter(has_text=code).last).to_be_visible()
    other = open_tab()
    visit(other, tab.url)
    expect(panel(other)).to_contain_text(f"Valeur : {shown}")
    panel(other).get_by_role("link", name="Fermer").click()
    settle(other)
    expect(other.locator(".st-key-provenance")).to_have_count(0)
    assert "chiffre" not in other.url


def test_a_territory_s_row_opens_its_own_files_for_the_months_shown(site: str, tab: Page) -> None:
    visit(tab, f"{site}/territoires?{urlencode(YEAR | {'mesure': 'Heures de formation'})}")
    cell = tab.locator("table.pn-table tbody tr").first
    name, shown = cell.locator("th").inner_text(), cell.locator("a.pn-opens").inner_text()
    cell.locator("a.pn-opens").click()
    expect(panel(tab)).to_contain_text(f"Périmètre : {name}")
    expect(panel(tab)).to_contain_text("janvier 2021 à décembre 2021")
    expect(panel(tab)).to_contain_text(f"Valeur : {shown}")
    parts = [number(row[6]) for row in table(tab, FILES)]
    assert sum(parts) == pytest.approx(number(shown), abs=0.05 * len(parts) + 0.5)
    assert parse_qs(urlparse(tab.url).query)["du"] == ["janvier 2021"], "the filters stay in the address"
