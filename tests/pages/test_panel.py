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
    assert f"Périmètre : {name.text}" in said(panel)
    assert sum(number(cells[6]) for cells in table(panel, FILES)) == number(link.text)


def test_no_file_gives_a_small_count_of_people_away(at_address: Open, ask: Ask) -> None:
    """Every part of the people of a territory is secret or 11 at least, and one secret part never stands alone."""
    shown = secret = 0
    smallest = """
        select territory_code from proof.figure_source
        where indicator = 'people_equipped' and territory_code is not null
        group by all having count(distinct source_file_id) > 1
        order by sum(value) / count(distinct source_file_id) limit 3
    """
    for (code,) in ask(smallest):
        rows = table(opened(at_address, write(Figure("people_equipped", version(ask), "territory", code))), FILES)
        parts, lines = [row[6] for row in rows], [row[3] for row in rows]
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
