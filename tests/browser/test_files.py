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

from tests.browser.conftest import settle, until, visit

FILTERED = "territoires?du=juillet+2020&ami=AMI+1+%282020%29&mesure=Heures+de+formation"
CONTROLS = "[data-testid=stSidebar], [data-testid=stDownloadButton], .pn-find, [data-testid=stSelectbox] svg"


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
