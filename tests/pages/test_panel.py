"""What the panel « D'où vient ce chiffre ? » says of the figure of its address, of people above all.

Does not live here: the click that opens it (tests/browser/test_provenance.py), that every figure opens its own
(test_every_figure.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import TEAM, Rights
from presentation.french import NBSP
from tests.pages.drawn import Element, blocks, number, said, table, tables
from warehouse.published.figure_address import Figure, write

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
FILES = "Fichiers qui composent ce chiffre"
PAGES = {page.address: page.file for page in menu.entries()}


def version(ask: Ask) -> str:
    build: str = ask("select max(build_id) from quality.build where status = 'published'")[0][0]
    return build


def opened(at_address: Open, code: str) -> AppTest:
    """The overview, with the panel of that code."""
    return at_address(PAGES[""], {"chiffre": [code]})


def test_a_lieu_s_row_opens_its_own_files(at_address: Open) -> None:
    pages = at_address(PAGES["lieux"])
    shown = [found for block in blocks(pages) for found in block.all("table", "pn-table")]
    row = next(row for row in shown[0].all("tr") if row.one("a", "pn-opens") is not None)
    name, link = row.one("th"), row.one("a", "pn-opens")
    assert isinstance(name, Element) and isinstance(link, Element)
    panel = at_address(PAGES["lieux"], parse_qs(str(link.attributes["href"]).removeprefix("?")))
    # A cell holds « n° 12 » together, on one line.
    assert f"Périmètre : {name.text}".replace(NBSP, " ") in said(panel).replace(NBSP, " ")
    assert sum(number(cells[6]) for cells in table(panel, FILES)) == number(link.text)


@pytest.mark.parametrize("rights", [TEAM, Rights("comite")], ids=lambda rights: rights.role)
def test_what_each_file_holds_of_a_figure_is_for_the_team_alone(
    at_address: Open, read_by: Callable[[Rights], None], ask: Ask, rights: Rights
) -> None:
    """A part of one file is nearly always a small count: the committee is told which files, not how many of each."""
    ((code, people),) = ask("""
        select territory_code, people_equipped from marts.territory_progress
        where ami is not null order by people_equipped desc limit 1
    """)
    read_by(rights)
    rows = table(opened(at_address, write(Figure("people_equipped", version(ask), "territory", code))), FILES)
    assert len(rows) > 1
    if rights == TEAM:
        assert sum(number(row[6]) for row in rows) == people
        assert any(1 <= number(row[6]) < 11 for row in rows), "no small part: this test proves nothing"
    else:
        assert {len(row) for row in rows} == {3}


@pytest.mark.parametrize(
    ("indicator", "place", "month"), [("people_equipped", "lieux", None), ("people_reached", "territory", "2021-01")]
)
def test_people_have_no_address_by_month_or_by_lieu(
    at_address: Open, ask: Ask, indicator: str, place: str, month: str | None
) -> None:
    on = date.fromisoformat(f"{month}-01") if month else None
    figure = Figure(indicator, version(ask), place, "94080", on, on)  # type: ignore[arg-type]
    pages = opened(at_address, write(figure))
    assert "Les personnes ne sont comptées que depuis le début" in pages.warning[0].value
    assert tables(pages, FILES) == []


def test_a_code_mistyped_or_of_another_version_is_said_so(at_address: Open) -> None:
    assert "mal recopié" in said(opened(at_address, "PN-12345-12345"))
    told = said(opened(at_address, write(Figure("hours", "20200101T000000Z-abcdef"))))
    assert "n'est plus gardée, ou n'est pas d'ici" in told
    assert "passnum verify" in told
