"""Every figure of every page opens the lines it is made of, or says in a sentence what it comes from.

The pages are those of the menu: a new page is walked as soon as it is there. Does not live here: what a panel says, and
that a click opens it (tests/browser/test_provenance.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from urllib.parse import parse_qs

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from presentation import format_fr
from tests.pages.drawn import Element, Shown, blocks, figures, number
from warehouse.published import versions
from warehouse.published.figure_address import Figure, read
from warehouse.published.figure_files import value_of
from warehouse.settings import Home

Open = Callable[..., AppTest]
PERIOD = {"du": "janvier 2021", "au": "décembre 2021"}
TWO = [("territoires", "Vincennes"), ("territoires", "Montreuil")]
#: Choices that change what a figure is of, page by page; every page is walked without any.
CHOICES: dict[str, list[list[tuple[str, str]]]] = {
    "": [[*PERIOD.items(), ("ami", "AMI 1 (2020)")], [("courbe", "Personnes formées")]],
    "territoires": [
        [*PERIOD.items(), *TWO],
        [("mesure", "Personnes formées")],
        [("mesure", "Part des pass utilisés"), *TWO],
    ],
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
VIEWS = [(page, choice) for page in menu.entries() for choice in [[], *CHOICES.get(page.address, [])]]
#: Pages of words, and of reports in a frame of their own.
WITHOUT_FIGURES = {"accessibilite", "controles", "definitions"}
#: What stands where there is no figure.
NOTHING = {"", "—", "secret"}
#: Rows of a table whose figures are all compared with what they open; of a longer one, as many at each end and one in
#: SPARED (all of them with --exhaustive): a column is one expression, wrong on its first row as on its last.
ENDS, SPARED = 6, 10


def name_of(view: object) -> str:
    return view.address if isinstance(view, menu.Entry) else str(view)[:60]


def parameters(choice: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The address's words, as it holds them."""
    return {name: [word for other, word in choice if other == name] for name, _ in choice}


@pytest.fixture(scope="module")
def published(home: Path) -> Path:
    path = versions.current_path(Home.at(home))
    assert path is not None
    return path


@pytest.fixture(scope="module")
def known() -> dict[Figure, float | None]:
    """The figures looked up already: several views show the same."""
    return {}


def compared(shown: list[Shown], exhaustive: bool) -> list[Shown]:
    """Those whose value is looked up."""
    if exhaustive:
        return shown
    chosen = []
    for _, group in groupby(shown, key=lambda one: one.where):
        rows = list(group)
        last = rows[-1].row
        chosen += [one for one in rows if one.row <= ENDS or one.row > last - ENDS or one.row % SPARED == 0]
    return chosen


def value_opened(con: duckdb.DuckDBPyConnection, figure: Figure, known: dict[Figure, float | None]) -> float | None:
    if figure not in known:
        known[figure] = value_of(con, figure)
    return known[figure]


def rounding(text: str) -> float:
    """What a figure so written may hide: half of its last digit."""
    decimals = re.search(r",(\d+)", text)
    return 0.5 * 10 ** -(len(decimals[1]) if decimals else 0) + 1e-9


@pytest.mark.parametrize(("page", "choice"), VIEWS, ids=name_of)
def test_every_figure_opens_its_lines_or_says_what_it_comes_from(
    at_address: Open,
    published: Path,
    known: dict[Figure, float | None],
    exhaustive: bool,
    page: menu.Entry,
    choice: list[tuple[str, str]],
) -> None:
    """And the code that it opens is of the very figure shown, to its last digit (figures §5)."""
    everything = figures(at_address(page.file, parameters(choice)))
    assert len(everything) > 4 or page.address in WITHOUT_FIGURES
    shown = [figure for figure in everything if figure.text.strip() not in NOTHING]
    assert [f"{one.where} : {one.text}" for one in shown if not one.opens and not one.is_told] == []
    with versions.connect(published) as con:
        units = dict(con.execute("select code, unit from proof.measure").fetchall())
        wrong = []
        for one in compared(shown, exhaustive):
            if not one.opens:
                continue
            figure = read(parse_qs(one.opens.removeprefix("?"))["chiffre"][0], units)
            value = value_opened(con, figure, known)
            read_here = number(one.text) / (100 if units[figure.indicator] == "ratio" else 1)
            close = rounding(one.text) / (100 if units[figure.indicator] == "ratio" else 1)
            if value is None or abs(value - read_here) > close:
                wrong.append(f"{one.where} : {one.text} opens {figure} = {value}")
    assert wrong == []


def card_called(pages: AppTest, label: str) -> Element:
    """The card of that heading."""
    cards = [card for block in blocks(pages) for card in block.all("section", "pn-card")]
    (found,) = [card for card in cards if (heading := card.one("h3")) is not None and heading.text == label]
    return found


def facts_opened(at_address: Open, page: menu.Entry, link: Element) -> dict[str, str]:
    """What the panel says of the figure that this link of the page opens."""
    pages = at_address(page.file, parse_qs(str(link.attributes["href"]).removeprefix("?")))
    (panel,) = [facts for block in blocks(pages) for facts in block.all("dl", "pn-facts") if "Indicateur" in facts.text]
    pairs = [(said.one("dt"), said.one("dd")) for said in panel.all("div")]
    return {name.text.removesuffix(" :"): text.text for name, text in pairs if name is not None and text is not None}


def page_at(address: str) -> menu.Entry:
    (found,) = [page for page in menu.entries() if page.address == address]
    return found


@pytest.mark.parametrize(
    ("address", "label"),
    [("budget", "Reste à appeler auprès de l'État"), ("mandat", "Avoirs dus depuis le début")],
)
def test_a_derived_figure_opens_the_figures_it_is_made_of(at_address: Open, address: str, label: str) -> None:
    """« Reste à appeler = part due − recettes de l'État », and each of the two opens."""
    page = page_at(address)
    card = card_called(at_address(page.file), label)
    (told,) = card.all("p", "pn-derived")
    links = list(told.all("a"))
    assert len(links) == 2
    total = 0.0
    for place, link in enumerate(links):
        facts = facts_opened(at_address, page, link)
        assert facts["Indicateur"] == link.text.split("?")[-1].strip()
        total += number(facts["Valeur"]) * (-1 if address == "budget" and place else 1)
    shown = card.one("p", "pn-value")
    assert shown is not None
    assert abs(number(shown.text) - max(total, 0)) <= 1


def test_several_territories_open_their_files_together(at_address: Open) -> None:
    page = page_at("lieux")
    card = card_called(at_address(page.file, parameters(TWO)), "Pass utilisés")
    (link,) = [link for why in card.all("p", "pn-why") for link in why.all("a")]
    facts = facts_opened(at_address, page, link)
    value = card.one("p", "pn-value")
    assert value is not None
    assert facts["Périmètre"] == "les lieux de Montreuil et Vincennes"
    assert facts["Valeur"] == value.text != format_fr.integer(0)
