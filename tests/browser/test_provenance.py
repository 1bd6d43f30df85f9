"""« D'où vient ce chiffre ? »: a figure of a page opens the files that make it, and its address opens it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from playwright.sync_api import Locator, Page, expect

from presentation import format_fr
from tests.browser.conftest import settle, visit
from tests.browser.test_figures import table
from tests.pages.drawn import number
from warehouse.published.figure_address import Figure, write

Ask = Callable[..., list[tuple]]
FILES = "Fichiers qui composent ce chiffre"
YEAR = {"du": "janvier 2021", "au": "décembre 2021"}


def panel(tab: Page) -> Locator:
    settle(tab)
    return tab.locator(".st-key-provenance")


def version(ask: Ask) -> str:
    return ask("select max(build_id) from quality.build where status = 'published'")[0][0]


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
    assert [row[6] for row in rows] == [format_fr.hours(hours) for *_, hours in expected]
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
    visit(tab, f"{site}/territoires?{urlencode(YEAR)}")
    cell = tab.locator("table.pn-table tbody tr").first
    name, shown = cell.locator("th").inner_text(), cell.locator("a.pn-opens").inner_text()
    cell.locator("a.pn-opens").click()
    expect(panel(tab)).to_contain_text(f"Périmètre : {name}")
    expect(panel(tab)).to_contain_text("janvier 2021 à décembre 2021")
    expect(panel(tab)).to_contain_text(f"Valeur : {shown}")
    parts = [number(row[6]) for row in table(tab, FILES)]
    assert sum(parts) == pytest.approx(number(shown), abs=0.05 * len(parts) + 0.05)
    assert parse_qs(urlparse(tab.url).query)["du"] == ["janvier 2021"], "the filters stay in the address"


def test_a_lieu_s_row_opens_its_own_files(site: str, tab: Page) -> None:
    visit(tab, f"{site}/lieux")
    row = tab.locator("table.pn-table tbody tr").first
    name, shown = row.locator("th").inner_text(), row.locator("a.pn-opens").first.inner_text()
    row.locator("a.pn-opens").first.click()
    expect(panel(tab)).to_contain_text(f"Périmètre : {name}")
    assert sum(number(cells[6]) for cells in table(tab, FILES)) == number(shown)


def test_no_file_gives_a_small_count_of_people_away(site: str, tab: Page, ask: Ask) -> None:
    """Every part of the people of a territory is secret or 11 at least, and one secret part never stands alone."""
    shown = secret = 0
    smallest = """
        select territory_code from proof.figure_source
        where indicator = 'people_equipped' and territory_code is not null
        group by all having count(distinct source_file_id) > 1
        order by sum(value) / count(distinct source_file_id) limit 3
    """
    for (code,) in ask(smallest):
        figure = Figure("people_equipped", version(ask), "territory", code)
        visit(tab, f"{site}/?chiffre={write(figure)}")
        parts = [row[6] for row in table(tab, FILES)]
        lines = [row[3] for row in table(tab, FILES)]
        assert [part == "secret" for part in parts] == [line == "secret" for line in lines]
        counted = [number(part) for part in parts if part != "secret"]
        assert all(count >= 11 for count in counted)
        assert parts.count("secret") != 1
        shown, secret = shown + len(counted), secret + parts.count("secret")
    assert secret > 0


@pytest.mark.parametrize(
    ("indicator", "place", "month"), [("people_equipped", "lieux", None), ("people_reached", "territory", "2021-01")]
)
def test_people_have_no_address_by_month_or_by_lieu(
    site: str, tab: Page, ask: Ask, indicator: str, place: str, month: str | None
) -> None:
    on = date.fromisoformat(f"{month}-01") if month else None
    figure = Figure(indicator, version(ask), place, "94080", on, on)  # type: ignore[arg-type]
    visit(tab, f"{site}/?chiffre={write(figure)}")
    expect(panel(tab)).to_contain_text("Les personnes ne sont comptées que depuis le début")
    expect(panel(tab).locator("table")).to_have_count(0)


def test_a_code_mistyped_or_of_another_version_is_said_so(site: str, tab: Page, ask: Ask) -> None:
    visit(tab, f"{site}/?chiffre=PN-12345-12345")
    expect(panel(tab)).to_contain_text("mal recopié")
    visit(tab, f"{site}/?chiffre={write(Figure('hours', '20200101T000000Z-abcdef'))}")
    expect(panel(tab)).to_contain_text("n'est plus gardée, ou n'est pas d'ici")
    expect(panel(tab)).to_contain_text("passnum verify")
