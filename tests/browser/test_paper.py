"""A page on paper: every choice whole, long tables by their first rows, no heading alone at the end of a sheet.

Also the caption of a wide table, and who stopped. Does not live here: the one page of the sheets of places
(test_sheets.py), what tables do on a screen (test_tables.py).
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import visit

PLACES = ["Vincennes", "Champigny-sur-Marne", "L'Haÿ-les-Roses", "Paris 18e arrondissement", "Paris 13e arrondissement"]
FILTERS = {"du": "janvier 2021", "au": "décembre 2021", "territoires": PLACES}
#: The foot of a sheet of paper, in points: its margin.
FOOT = 14 / 25.4 * 72
KEPT_ROWS = 40


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def printed(tab: Page) -> list[pypdfium2.PdfTextPage]:
    """The text of each sheet of the page on paper."""
    paper = pypdfium2.PdfDocument(tab.pdf(format="A4"))
    return [paper[number].get_textpage() for number in range(len(paper))]


def sheets(tab: Page) -> list[str]:
    """The words of each sheet, without its foot."""
    return [flat(sheet.get_text_bounded(bottom=FOOT)) for sheet in printed(tab)]


def last_line(sheet: pypdfium2.PdfTextPage) -> str:
    """The lowest line above the foot."""
    places = [sheet.get_rect(number) for number in range(sheet.count_rects())]
    bottom, top = min((bottom, top) for _, bottom, _, top in places if bottom > FOOT)
    return flat(sheet.get_text_bounded(bottom=bottom, top=top))


@pytest.mark.parametrize("page", ["territoires", "lieux", ""])
def test_a_choice_is_printed_whole(site: str, tab: Page, page: str) -> None:
    """Five territories side by side: the box of a screen shows one and a half."""
    visit(tab, f"{site}/{page}?{urlencode(FILTERS, doseq=True)}")
    said = " ".join(sheets(tab))
    assert "Du mois de : janvier 2021" in said
    (told,) = re.findall(r"Territoires : (.*?arrondissement, Paris.*?arrondissement)", said)
    chosen = tab.locator(".st-key-territoires [data-tag] [title]").evaluate_all("tags => tags.map(tag => tag.title)")
    assert sorted(chosen) == sorted(PLACES)
    # A hyphen at the end of a line is no character of its text.
    assert re.sub(r"\W", "", told) == re.sub(r"\W", "", "".join(chosen))
    # The screen is as it was.
    expect(tab.get_by_role("combobox", name="Territoires")).to_be_visible()
    assert tab.locator("[data-paper]").count() == 0


def test_a_long_table_is_printed_by_its_first_rows_and_says_so(site: str, tab: Page) -> None:
    """Every check on paper takes ten sheets; the first are those that failed."""
    visit(tab, f"{site}/qualite")
    table = tab.get_by_role("region", name="Contrôles, ce qui est en défaut d'abord", exact=True)
    codes = [code.strip() for code in table.locator("tbody th").all_inner_texts()]
    assert len(codes) > 2 * KEPT_ROWS
    texts = sheets(tab)
    said = " ".join(texts)
    assert len(texts) <= 8
    assert f"Sur le papier, les {KEPT_ROWS} premières lignes sur {len(codes)}, dans l'ordre de l'écran" in said
    assert [code for code in codes if code in said] == codes[:KEPT_ROWS]
    assert table.locator("tbody tr:visible").count() == len(codes), "the screen has them all again"


def test_a_searched_table_is_printed_as_it_is_searched(site: str, tab: Page) -> None:
    visit(tab, f"{site}/qualite")
    table = tab.get_by_role("region", name="Contrôles, ce qui est en défaut d'abord", exact=True)
    tab.get_by_role("searchbox", name=re.compile("Contrôles, ce qui est")).fill("en double")
    found = table.locator("tbody tr:visible").count()
    assert KEPT_ROWS + 8 < found < table.locator("tbody tr").count()
    assert f"les {KEPT_ROWS} premières lignes sur {found} trouvées" in " ".join(sheets(tab))


#: Pushes what follows down a sheet, so that its end falls everywhere (CSS pixels).
PUSH = """height => { const first = document.querySelector('[data-testid=stMainBlockContainer] [data-testid=stHtml]')
  first.style.cssText = `padding-bottom: ${height}px` }"""
STEPS = range(0, 1400, 70)


@pytest.mark.parametrize("page", ["", "pass_a_sauver", "mandat", "qualite", "publics"])
def test_no_sheet_ends_with_a_heading(site: str, tab: Page, page: str) -> None:
    """Nor with the choice under a heading, nor with the caption of a table; wherever the end of the sheet falls."""
    visit(tab, f"{site}/{page}")
    heads = {flat(text) for text in tab.locator("h1, h2, h3, caption").all_inner_texts()}
    assert len(heads) > 2
    for step in STEPS:
        tab.evaluate(PUSH, step)
        for sheet in printed(tab):
            last = last_line(sheet)
            assert last not in heads, step
            assert not re.match(r"(Mesure|Prescripteurs|Année|Jeu de données|Réponse suivie) : ", last), step


def test_paper_has_no_control_of_a_screen(site: str, tab: Page) -> None:
    """Neither the choice of a file to take, nor a field to type in."""
    for page, label in (("exports", "Fichier à télécharger"), ("definitions", "Chercher un mot")):
        visit(tab, f"{site}/{page}")
        expect(tab.get_by_text(label, exact=True)).to_be_visible()
        assert label not in " ".join(sheets(tab))


def test_the_caption_of_a_wide_table_stays_in_its_frame(site: str, tab: Page) -> None:
    """On a phone it was cut at the edge, then scrolled away; the names of the rows too."""
    tab.set_viewport_size({"width": 390, "height": 844})
    visit(tab, f"{site}/pass_a_sauver")
    frame = tab.get_by_role("region", name=re.compile("territoire par territoire"))
    assert frame.evaluate("node => node.scrollWidth - node.clientWidth") > 100, "a table wider than the screen"
    inside = """node => { const frame = node.getBoundingClientRect()
      return ['caption > span', 'tbody th'].every(name => { const box = node.querySelector(name).getBoundingClientRect()
        return box.left >= frame.left && box.right <= frame.right }) }"""
    assert frame.evaluate(inside)
    frame.evaluate("node => { node.scrollLeft = 150 }")
    assert frame.evaluate("node => node.scrollLeft") == 150
    assert frame.evaluate(inside)


def test_who_stopped_links_to_the_sheets(site: str, tab: Page) -> None:
    """The lieu and its territory, of those that have a sheet."""
    visit(tab, f"{site}/lieux")
    table = tab.get_by_role("region", name="Lieux arrêtés ou jamais actifs", exact=True)
    rows = table.locator("tbody tr").count()
    assert rows > 0
    assert table.locator("tbody th a[href^='lieu?']").count() == rows
    known = table.locator("tbody td:nth-child(2) a[href^='territoire?']")
    name = known.first.inner_text()
    known.first.click()
    expect(tab.locator(".st-key-sheet h2").first).to_have_text(name)
