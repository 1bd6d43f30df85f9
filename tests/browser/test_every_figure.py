"""Every figure of every page opens the lines it is made of, or says in a sentence what it comes from.

The pages are those of the menu: a new page is walked as soon as it is there. Does not live here: what a panel says
(test_provenance.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

import pytest
from playwright.sync_api import Page, expect

from dashboards import menu
from presentation import format_fr
from tests.browser.conftest import settle, visit
from tests.browser.test_provenance import number
from warehouse.published import versions
from warehouse.published.figure_address import Figure, read
from warehouse.published.figure_files import value_of
from warehouse.settings import Home

PERIOD = {"du": "janvier 2021", "au": "décembre 2021"}
TWO = [("territoires", "Vincennes"), ("territoires", "Montreuil")]
#: Choices that change what a figure is of, page by page; every page is walked without any.
CHOICES: dict[str, list[list[tuple[str, str]]]] = {
    "": [[*PERIOD.items(), ("ami", "AMI 1 (2020)")], [("courbe", "Personnes formées")]],
    "territoires": [[*PERIOD.items(), *TWO], [("mesure", "Personnes formées")]],
    "lieux": [[*PERIOD.items()], [("ami", "AMI 2 (2021)")], [*TWO]],
    "parcours": [[("ami", "AMI 1 (2020)"), ("unite", "en euros")], [*TWO], [("lots", "LOT-01")]],
    "mandat": [[*TWO], [("ami", "AMI 1 (2020)")]],
    "budget": [[*PERIOD.items(), ("ami", "AMI 1 (2020)")]],
    "publics": [[("territoires", "Vincennes")], [("ami", "AMI 1 (2020)")]],
    "exports": [
        [("tableau", title)]
        for title in ("Territoires, depuis le début", "Activité par mois", "Lieux", "Parcours du pass")
    ],
}
VIEWS = [(page.address, choice) for page in menu.entries() for choice in [[], *CHOICES.get(page.address, [])]]
#: Pages of words, and of reports in a frame of their own.
WITHOUT_FIGURES = {"accessibilite", "controles", "definitions"}
#: What stands where there is no figure.
NOTHING = {"", "—", "secret"}
#: Every figure of the page: where it is, what it reads, what it opens, whether a sentence says what it comes from.
FIGURES = """
() => {
    const found = [];
    for (const table of document.querySelectorAll("table.pn-table")) {
        const told = node => {
            const after = table.closest(".pn-scroll").parentElement.querySelectorAll(".pn-derived");
            return node.hasAttribute("data-derived") && after.length > 0;
        };
        for (const cell of table.querySelectorAll("[data-figure]")) {
            const link = cell.querySelector("a.pn-opens");
            found.push([table.caption.textContent, cell.textContent, link && link.getAttribute("href"), told(cell)]);
        }
    }
    for (const card of document.querySelectorAll("section.pn-card")) {
        const value = card.querySelector(".pn-value");
        if (!value) continue;
        const link = card.querySelector(".pn-why:not(.pn-derived) a");
        const told = card.querySelector(".pn-derived") !== null;
        found.push([card.querySelector("h3").textContent, value.textContent, link && link.getAttribute("href"), told]);
    }
    return found;
}
"""


class Shown(NamedTuple):
    """A figure as the page shows it. `opens`: the address its link leads to; `is_told`: a sentence tells it."""

    where: str
    text: str
    opens: str | None
    is_told: bool


def walk(tab: Page, site: str, address: str, choice: Sequence[tuple[str, str]] = ()) -> None:
    """Go to a page and wait for its figures, where it has some."""
    visit(tab, f"{site}/{address}?{urlencode(choice)}")
    if address not in WITHOUT_FIGURES:
        tab.locator("[data-figure], .pn-value").first.wait_for(state="attached")
        settle(tab)


def shown(tab: Page) -> list[Shown]:
    return [Shown(*row) for row in tab.evaluate(FIGURES)]


@pytest.fixture(scope="module")
def published(home: Path) -> Path:
    path = versions.current_path(Home.at(home))
    assert path is not None
    return path


def figure_of(opens: str, indicators: dict[str, str]) -> Figure:
    return read(parse_qs(opens.removeprefix("?"))["chiffre"][0], indicators)


def rounding(text: str) -> float:
    """What a figure so written may hide: half of its last digit."""
    decimals = re.search(r",(\d+)", text)
    return 0.5 * 10 ** -(len(decimals[1]) if decimals else 0) + 1e-9


@pytest.mark.parametrize(("address", "choice"), VIEWS, ids=lambda part: str(part)[:60])
def test_every_figure_opens_its_lines_or_says_what_it_comes_from(
    site: str, tab: Page, published: Path, address: str, choice: list[tuple[str, str]]
) -> None:
    """And the code that it opens is of the very figure shown, to its last digit (figures §5)."""
    walk(tab, site, address, choice)
    figures = [figure for figure in shown(tab) if figure.text.strip() not in NOTHING]
    assert len(figures) > 4 or address in WITHOUT_FIGURES
    assert [f"{one.where} : {one.text}" for one in figures if not one.opens and not one.is_told] == []
    with versions.connect(published) as con:
        units = dict(con.execute("select code, unit from proof.measure").fetchall())
        wrong = []
        for one in figures:
            if not one.opens:
                continue
            figure = figure_of(one.opens, units)
            value = value_of(con, figure)
            read_here = number(one.text) / (100 if units[figure.indicator] == "ratio" else 1)
            close = rounding(one.text) / (100 if units[figure.indicator] == "ratio" else 1)
            if value is None or abs(value - read_here) > close:
                wrong.append(f"{one.where} : {one.text} opens {figure} = {value}")
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "label"),
    [("budget", "Reste à appeler auprès de l'État"), ("mandat", "Avoirs dus depuis le début")],
)
def test_a_derived_figure_opens_the_figures_it_is_made_of(site: str, tab: Page, address: str, label: str) -> None:
    """« Reste à appeler = part due − recettes de l'État », and each of the two opens."""
    walk(tab, site, address)
    card = tab.locator("section.pn-card").filter(has=tab.get_by_role("heading", name=label, exact=True))
    parts = card.locator(".pn-derived a")
    parts.first.wait_for()
    names = [name.split("?")[-1].strip() for name in parts.all_inner_texts()]
    assert len(names) == 2
    total = 0.0
    for place, name in enumerate(names):
        parts.nth(place).click()
        settle(tab)
        panel = tab.locator(".st-key-provenance")
        expect(panel).to_contain_text(f"Indicateur : {name}")
        value = panel.locator("dl.pn-facts div").filter(has_text="Valeur :").inner_text()
        total += number(value.split(":")[1]) * (-1 if address == "budget" and place else 1)
    assert abs(number(card.locator(".pn-value").inner_text()) - max(total, 0)) <= 1


def test_several_territories_open_their_files_together(site: str, tab: Page) -> None:
    walk(tab, site, "lieux", TWO)
    card = tab.locator("section.pn-card").filter(has=tab.get_by_role("heading", name="Pass utilisés", exact=True))
    value = card.locator(".pn-value").inner_text()
    card.get_by_role("link", name="D'où vient ce chiffre ? Pass utilisés").click()
    settle(tab)
    panel = tab.locator(".st-key-provenance")
    expect(panel).to_contain_text("Périmètre : les lieux de Montreuil et Vincennes")
    expect(panel).to_contain_text(f"Valeur : {value}")
    assert value != format_fr.integer(0)
