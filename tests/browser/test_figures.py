"""What a reader does with the figures: files downloaded, filters that follow, addresses sent, the keyboard.

Does not live here: that a page shows what the marts hold, which needs no browser (tests/pages/test_marts.py).
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
from playwright.sync_api import Page, expect

from presentation import format_fr
from tests.browser.conftest import choose, settle, visit

Ask = Callable[..., list[tuple]]
TERRITORY = ("94080", "Vincennes")
PEOPLE = ("Personnes équipées (depuis le début)", "Personnes formées (depuis le début)")
FILTERED = {"ami": "AMI 1 (2020)", "du": "janvier 2021", "au": "décembre 2021"}
SQL_2021 = """
    select territory_name, sum(month.hours), sum(month.passes_used), sum(month.face_value_used_eur)
    from marts.territory_month as month
    where ami = 1 and month between date '2021-01-01' and date '2021-12-01'
    group by territory_name having sum(month.hours) > 0 order by 2 desc, 1
"""


def download(tab: Page, button: str) -> bytes:
    """The bytes behind a download button."""
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_bytes()


def half_up(value: float, digits: int) -> float:
    """A half goes up, as on the page; what floats added up leave is no part of the value."""
    step = 10**digits
    return math.floor(round(value * step, 6) + 0.5) / step


def table(tab: Page, caption: str) -> list[list[str]]:
    """The cells of a table of the page, as a person reads them; folded under a chart, it counts all the same."""
    rows = tab.get_by_role("region", name=caption, exact=True, include_hidden=True).locator("tbody tr")
    rows.first.wait_for(state="attached")
    return rows.evaluate_all("rows => rows.map(row => [...row.children].map(cell => cell.textContent))")


def test_a_ranking_and_its_files_are_the_marts_for_the_same_filters(site: str, tab: Page, ask: Ask) -> None:
    visit(tab, f"{site}/territoires?{urlencode(FILTERED | {'mesure': 'Heures de formation'})}")
    expected = ask(SQL_2021)
    assert len(expected) > 5
    shown = [row for row in table(tab, "Classement : Heures de formation") if row[2] != format_fr.hours(0)]
    assert sorted((row[0], row[2]) for row in shown) == sorted((row[0], format_fr.hours(row[1])) for row in expected)

    text = download(tab, "Télécharger « Territoires » (CSV)").decode("utf-8-sig")
    about = [line for line in text.splitlines() if line.startswith("#")]
    for words in (
        "Données au",
        "Version",
        "janvier 2021",
        "décembre 2021",
        "AMI 1",
        "Définition : Heures",
        "Avertissement",
    ):
        assert any(words in line for line in about), words
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    from_csv = {
        row["Territoire"]: float(row["Heures de formation (sur la période)"].replace(",", "."))
        for row in csv.DictReader(io.StringIO(body), delimiter=";")
    }
    # A CSV has the decimals of the page, a workbook those of the mart.
    written = {name: half_up(hours, 0 if hours >= 99.95 else 1) for name, hours, *_ in expected}
    assert {name: value for name, value in from_csv.items() if value} == written

    book = download(tab, "Télécharger « Territoires » (XLSX)")
    sheet = pl.read_excel(io.BytesIO(book), sheet_name="Données")
    from_book = dict(sheet.select("Territoire", "Heures de formation (sur la période)").rows())
    assert {name: round(value, 9) for name, value in from_book.items() if value} == {
        row[0]: round(row[1], 9) for row in expected
    }
    assert set(PEOPLE) < set(sheet.columns), "a period beside people who are counted since the start"
    for words in ("Portée des chiffres : depuis le début : Personnes", "Filtre sans effet : la période : ce filtre ne"):
        assert any(words in line for line in about), words
    expect(tab.locator("caption").first).to_have_text("Classement : Heures de formation, sur la période")
    origin = pl.read_excel(io.BytesIO(book), sheet_name="À propos", has_header=False)
    assert "du mois de" in " ".join(origin.to_series(0).to_list())


def test_pages_of_the_team_hide_nothing_and_say_so(site: str, tab: Page, ask: Ask) -> None:
    """Without an access file the pages are the team's: every count is told, small ones too, and pages warn of it."""
    known = dict(ask("select territory_name, people_equipped from marts.territory_progress where ami is not null"))
    assert min(known.values()) < 11, "the small home must hold small counts, or this test proves nothing"
    visit(tab, f"{site}/exports?{urlencode({'tableau': 'Territoires, depuis le début'})}")
    expect(tab.get_by_text("Chiffres non protégés")).to_be_visible()
    text = download(tab, "Télécharger « Territoires, depuis le début » (CSV)").decode("utf-8-sig")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    told = {row["Territoire"]: row[PEOPLE[0]] for row in csv.DictReader(io.StringIO(body), delimiter=";")}
    assert {name: int(told[name]) for name in known if name in told} == {n: v for n, v in known.items() if n in told}
    assert len(told) >= 34


def test_a_view_sent_by_its_address_reopens_the_same(site: str, tab: Page, open_tab: Callable[..., Page]) -> None:
    visit(tab, f"{site}/territoires")
    choose(tab, "Appel (AMI)", "AMI 2 (2021)")
    choose(tab, "Mesure", "Pass utilisés")
    caption = "Classement : Pass utilisés"
    tab.get_by_role("region", name=caption, exact=True).wait_for()
    other = visit(open_tab(), tab.url)
    assert table(other, caption) == table(tab, caption)
    assert len(table(other, caption)) > 5


def test_the_filters_follow_the_reader_from_page_to_page(site: str, open_tab: Callable[..., Page]) -> None:
    """A view opened by its address keeps its filters at the first change of page, and its new address reopens it."""
    sent = urlencode({"ami": "AMI 1 (2020)", "territoires": TERRITORY[1]})
    tab = visit(open_tab(), f"{site}/territoires?{sent}")
    tab.get_by_role("link", name="Parcours du pass", exact=True).click()
    tab.wait_for_url("**/parcours?**territoires=**")
    settle(tab)
    expect(tab.get_by_test_id("stMultiSelect").first).to_contain_text(TERRITORY[1])
    caption = "Statut des pass à la date des données"
    kept = table(tab, caption)
    tab.reload()
    settle(tab)
    expect(tab.get_by_test_id("stMultiSelect").first).to_contain_text(TERRITORY[1])
    assert table(tab, caption) == kept
    whole = visit(open_tab(), f"{site}/parcours")
    assert table(whole, caption) != kept


def test_a_sheet_names_its_own_territory_as_scope(site: str, tab: Page, ask: Ask) -> None:
    name = ask("""
        select territory_name from marts.territory_progress where is_participating order by passes_issued desc limit 1
    """)[0][0]
    visit(tab, f"{site}/territoire?{urlencode({'territoire': name})}")
    expect(tab.locator("dl.pn-facts")).to_contain_text(f"Périmètre : {name}")
    text = download(tab, "Télécharger « Pass du territoire par statut » (CSV)").decode("utf-8-sig")
    assert f"# Périmètre : {name}" in text


def test_the_keyboard_alone_reaches_and_sets_a_filter(site: str, tab: Page) -> None:
    visit(tab, f"{site}/publics")
    label = tab.get_by_role("combobox", name="Appel (AMI)")
    for _ in range(40):
        tab.keyboard.press("Tab")
        if label.evaluate("node => node === document.activeElement"):
            break
    expect(label).to_be_focused()
    tab.keyboard.press("ArrowDown")
    tab.get_by_role("option", name="AMI 1 (2020)").wait_for()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**ami=AMI**")
