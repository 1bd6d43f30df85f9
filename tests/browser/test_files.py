"""What a page gives to take away: images of its charts, its workbook, its paper; each opened."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import fastexcel
import polars as pl
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import choose, settle, until, visit

FILTERED = "territoires?du=juillet+2020&ami=AMI+1+%282020%29&mesure=Heures+de+formation"
CONTROLS = "[data-testid=stSidebar], [data-testid=stDownloadButton], .pn-find, [data-testid=stSelectbox] svg"


_TITLE = rb"/Title\s*(?:<([0-9A-Fa-f]+)>|\(((?:\\.|[^)\\])*)\))"


def take(tab: Page, ending: str) -> tuple[str, bytes]:
    """The name and the content of the first file that a button of this ending gives."""
    with tab.expect_download() as taken:
        tab.get_by_role("button", name=re.compile(rf"\({ending}\)$")).first.click()
    return taken.value.suggested_filename, Path(taken.value.path()).read_bytes()


def test_each_file_opens_and_its_name_says_its_filters(site: str, tab: Page) -> None:
    visit(tab, f"{site}/{FILTERED}")
    name, png = take(tab, "PNG")
    assert "juillet-2020_ami-1" in name and name.endswith(".png")
    assert Image.open(io.BytesIO(png)).width >= 1800
    name, svg = take(tab, "SVG")
    told = "".join(ElementTree.fromstring(svg).itertext())
    assert name.endswith(".svg") and "Heures de formation par territoire" in told and "31/12/2023" in told
    name, csv = take(tab, "CSV")
    assert "juillet-2020_ami-1" in name
    lines = [line for line in csv.decode("utf-8-sig").splitlines() if not line.startswith("#")]
    hours = lines[0].split(";").index(next(head for head in lines[0].split(";") if head.startswith("Heures")))
    assert all(re.fullmatch(r"\d+(,\d)?", line.split(";")[hours]) for line in lines[1:]), "rounded as on screen"
    name, xlsx = take(tab, "XLSX")
    assert name.endswith(".xlsx")
    frame = fastexcel.read_excel(xlsx).load_sheet("Données").to_polars()
    assert frame.height == len(lines) - 1
    assert frame["Dernière utilisation"].dtype in (pl.Date, pl.Datetime("ms")) and frame["Rang"].dtype.is_numeric()
    assert tab.evaluate("refused") == []


def test_paper_has_no_controls_and_no_dark_whatever_the_screen(site: str, tab: Page) -> None:
    try:
        tab.emulate_media(color_scheme="dark")
        visit(tab, f"{site}/{FILTERED}")
        until(tab, "getComputedStyle(document.querySelector('.stApp')).backgroundColor !== 'rgb(255, 255, 255)'")
        tab.emulate_media(media="print", color_scheme="dark")
        seen = tab.locator(CONTROLS).evaluate_all("nodes => nodes.filter(node => node.checkVisibility()).length")
        assert seen == 0
        ink = tab.locator(".pn-table tbody td").first.evaluate("node => getComputedStyle(node).color")
        paper = tab.locator(".stApp").evaluate("node => getComputedStyle(node).backgroundColor")
        assert (ink, paper) == ("rgb(23, 38, 43)", "rgb(255, 255, 255)")
        # The filters stay, as words.
        expect(tab.get_by_role("combobox", name="Du mois de")).to_have_value("juillet 2020")
        pages = len(re.findall(rb"/Type\s*/Page\b", tab.pdf(format="A4")))
        assert 1 <= pages <= 2, "a page of sixteen territories is a sheet or two"
    finally:
        tab.emulate_media(media="null", color_scheme="null")


def test_the_pdf_is_one_click_and_named_after_the_page_and_its_filters(site: str, tab: Page) -> None:
    visit(tab, f"{site}/{FILTERED}")
    told = "window.print = () => { dispatchEvent(new Event('beforeprint')); window.printed = document.title }"
    tab.evaluate(f"void ({told})")
    tab.get_by_role("button", name="Imprimer ou enregistrer en PDF").click()
    assert tab.evaluate("printed") == "Territoires – Pass Numérique – juillet 2020 – AMI 1 (2020) – Heures de formation"
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(tab).to_have_title("Territoires – Pass Numérique")


def written(found: re.Match[bytes]) -> str:
    """A text of a PDF, of a match of _TITLE: in hexadecimal, or in letters."""
    raw = bytes.fromhex(found[1].decode()) if found[1] else re.sub(rb"\\(.)", rb"\1", found[2])
    return raw.decode("utf-16") if raw.startswith((b"\xfe\xff", b"\xff\xfe")) else raw.decode("latin-1")


def title_of(pdf: bytes) -> str:
    """The title that a PDF says in its properties, which a browser proposes as the name of its file."""
    found = re.search(_TITLE, pdf)
    assert found
    return written(found)


def sheets_of(pdf: bytes) -> dict[str, int]:
    """The headings of a PDF made with its outline → the sheet that each is on, the first being 1."""
    kids = re.search(rb"/Kids\s*\[([^\]]*)\]", pdf)
    assert kids
    sheets = {ref: rank for rank, ref in enumerate(re.findall(rb"(\d+) 0 R", kids[1]), 1)}
    found = re.finditer(_TITLE + rb"\s*/Dest \[(\d+) 0 R", pdf)
    return {written(one): sheets[one[3]] for one in found}


def test_a_printed_page_says_what_it_is_of_on_every_sheet(site: str, tab: Page) -> None:
    """Issue 20, 6: title, filters, date of the data and version; in its name, at the foot of each sheet."""
    visit(tab, f"{site}/{FILTERED}")
    of_page = "Territoires – Pass Numérique"
    assert title_of(tab.pdf(format="A4")) == f"{of_page} – juillet 2020 – AMI 1 (2020) – Heures de formation"
    expect(tab).to_have_title(of_page)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    facts = tab.locator(".pn-facts")
    expect(facts).to_be_visible()
    version = re.search(r"\d{8}T\d{6}Z-\w+", facts.inner_text())
    assert version
    told = f"{of_page} – de juillet 2020 – AMI 1 (2020) – Heures de formation – Données au 31 décembre 2023"
    feet = "[...document.styleSheets].flatMap(one => [...one.cssRules]).map(rule => rule.cssText).join()"
    assert f'"{told} – Version {version[0]}"' in tab.evaluate(feet)
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    tab.emulate_media(media="null")
    assert told not in tab.evaluate(feet)


def test_no_printed_sheet_of_the_overview_is_half_empty(site: str, tab: Page) -> None:
    """Issue 20, 6: cards fill the first sheet, and no row of them sends a chart to the next one."""
    visit(tab, site)
    sheets = sheets_of(tab.pdf(format="A4", prefer_css_page_size=True, outline=True, tagged=True))
    assert (sheets["Pass utilisés"], sheets["Points d'attention"]) == (1, 2)
    assert (sheets["Depuis le début, et jusqu'à la fin du mandat"], sheets["Activité dans le temps"]) == (2, 3)
    assert max(sheets.values()) == 3


def test_the_printed_ranking_does_not_send_its_last_lines_to_a_sheet_of_their_own(site: str, tab: Page) -> None:
    """Issue 20, 6: the map on a sheet, the thirty-four territories and what is said of them on the next."""
    visit(tab, f"{site}/territoires")
    settle(tab)
    pdf = tab.pdf(format="A4", prefer_css_page_size=True)
    kids = re.search(rb"/Kids\s*\[([^\]]*)\]", pdf)
    assert kids and len(re.findall(rb"(\d+) 0 R", kids[1])) == 2


def test_the_quarter_of_an_account_is_a_step_of_the_history(site: str, tab: Page) -> None:
    """The switch is in the address, and Back takes it away with the heading and the table it chose."""
    visit(tab, f"{site}/mandat?annee=2021")
    heading = tab.get_by_role("heading", name="Compte par mois")
    expect(heading).to_be_visible()
    choose(tab, "Par mois ou par trimestre", "trimestre entier")
    expect(tab.get_by_role("heading", name="Compte par trimestre")).to_be_visible()
    expect(tab).to_have_url(re.compile(r"pas=trimestre"))
    settle(tab)
    tab.go_back()
    expect(heading).to_be_visible()
    assert "pas=" not in tab.url


def test_the_activity_is_by_month_or_by_quarter(site: str, tab: Page) -> None:
    visit(tab, f"{site}/?du=février+2021")
    table = tab.locator(".pn-table", has=tab.get_by_text("Activité mois par mois"))
    expect(table).to_have_count(1)
    visit(tab, f"{site}/?du=février+2021&pas=trimestre+entier")
    table = tab.locator(".pn-table", has=tab.get_by_text("Activité trimestre par trimestre"))
    days = table.locator("tbody th").evaluate_all("cells => cells.map(cell => cell.dataset.sort)")
    assert days[0] == "2021-04-01", "the quarter that the period cuts is not given"
    assert {day[5:] for day in days} <= {"01-01", "04-01", "07-01", "10-01"}
    settle(tab)
