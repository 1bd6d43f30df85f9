"""What a page shows is what the marts hold, in the unit of each figure.

Does not live here: files downloaded, filters chosen by hand (tests/browser/test_figures.py).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

from streamlit.testing.v1 import AppTest

from dashboards import menu
from presentation import format_fr
from tests.pages.drawn import blocks, figures, said, table

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
PAGES = {page.address: page.file for page in menu.entries()}


def test_the_cards_of_the_overview_are_the_marts(at_address: Open, ask: Ask) -> None:
    rows = ask("""
        select label, value, unit from marts.programme_progress as progress
        inner join marts.indicator on code = indicator
        where indicator in ('budget_committed_eur', 'budget_paid_eur', 'hours', 'people_equipped', 'people_reached')
    """)
    assert len(rows) == 5
    cards = [(one.where, one.text) for one in figures(at_address(PAGES[""])) if one.row == 0]
    for label, value, unit in rows:
        written = format_fr.write(value, format_fr.UNIT_WRITERS[unit])
        assert [text for where, text in cards if where == label] == [written], label


def test_the_account_closes_on_the_page_as_in_the_mart(at_address: Open, ask: Ask) -> None:
    shown = table(at_address(PAGES["mandat"]), "Compte du mandat par année, en pass")
    expected = ask("""
        select year(month), sum(issued_passes), sum(used_passes), sum(expired_passes), sum(cancelled_passes)
        from marts.mandate_ledger group by 1 order by 1
    """)
    read = [[int(cell.replace("\u202f", "")) for cell in row] for row in shown]
    assert [(row[0], *row[2:6]) for row in read] == [tuple(int(cell) for cell in row) for row in expected]
    for _, opening, issued, used, expired, cancelled, closing in read:
        assert opening + issued - used - expired - cancelled == closing
    assert [row[6] for row in read[:-1]] == [row[1] for row in read[1:]]


def test_a_filter_the_version_does_not_have_is_told(at_address: Open) -> None:
    pages = at_address(PAGES["territoires"], {"territoires": ["Atlantide"]})
    assert "« Atlantide »" in pages.warning[0].value
    assert "Atlantide" not in said(at_address(PAGES["territoires"], {"territoires": ["Vincennes"]}))


def test_the_exports_write_each_indicator_in_its_unit(at_address: Open, ask: Ask) -> None:
    """Passes have no decimals, euros their cents away, shares their percent sign: the same as on the cards."""
    shown = {row[0]: row[1] for row in table(at_address(PAGES["exports"]), "Avancement du programme")}
    expected = ask("""
        select label, value, unit from marts.programme_progress as progress
        inner join marts.indicator on code = indicator where unit in ('pass', 'euro', 'heure', 'lieu')
    """)
    assert len(expected) > 8
    for label, value, unit in expected:
        assert shown[label] == format_fr.write(value, format_fr.UNIT_WRITERS[unit]), label


def test_the_overview_says_the_programme_s_rates_and_opens_each_on_its_map(at_address: Open, ask: Ask) -> None:
    """Issue 20, 4: rates instead of totals; the averages of Territoires, one definition, those nobody can know left
    out."""
    (found,) = [one for block in blocks(at_address(PAGES[""])) for one in block.all("ul", "pn-rates")]
    rows = ask("""
        select label, programme_value, rate_unit from marts.rate
        where programme_value is not null and territories_without = 0 order by rank
    """)
    assert len(rows) > 4
    assert [item.text for item in found.all("li")] == [
        f"{label} : {format_fr.write(value, format_fr.RATE_WRITERS[unit])}" for label, value, unit in rows
    ]
    opened = [parse_qs(urlparse(str(link.attributes["href"])).query)["mesure"] for link in found.all("a")]
    assert opened == [[label] for label, *_ in rows]
