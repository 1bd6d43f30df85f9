"""What pages show in time: months or whole quarters, the share of an answer quarter by quarter; against the marts.

Does not live here: the same switch on the overview, in a browser (tests/browser/test_files.py).
"""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from presentation import format_fr
from tests.pages.drawn import number, said, table

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
PAGES = {page.address: page.file for page in menu.entries()}


def test_lieux_are_by_month_or_by_whole_quarter(at_address: Open, ask: Ask) -> None:
    """Issue 20, 6: the switch of the overview; a period that cuts a quarter does not show it."""
    choices = {"du": ["février 2021"], "pas": ["trimestre entier"]}
    rows = table(at_address(PAGES["lieux"], choices), "Activité des lieux par trimestre")
    expected = ask("""
        select date_trunc('quarter', month) as quarter, sum(passes_used), sum(hours) from marts.lieu_activity
        where month >= date '2021-04-01' group by 1 order by 1
    """)
    assert [(row[0], number(row[1])) for row in rows] == [
        (format_fr.month(quarter), passes) for quarter, passes, _ in expected
    ]
    assert [number(row[3]) for row in rows] == [round(float(hours), 1) for *_, hours in expected]
    by_month = table(at_address(PAGES["lieux"], {"du": ["février 2021"]}), "Activité des lieux par mois")
    assert by_month[0][0] == "février 2021" and len(by_month) > 2 * len(rows)


def test_the_share_of_an_answer_is_told_quarter_by_quarter(
    at_address: Open, ask: Ask, read_by: Callable[[Rights], None]
) -> None:
    """Issue 20, 6: publics with their share and its trend; outside the team a quarter has too few people."""
    expected = ask("""
        select date_trunc('quarter', month), sum(people_equipped) filter (where category = 'oui'), sum(people_equipped)
        from marts.audience_month where dimension = 'public_pic' group by 1 having sum(people_equipped) > 0 order by 1
    """)
    title = "Public éloigné de l'emploi (PIC) : oui, part des personnes équipées de chaque trimestre"
    rows = table(at_address(PAGES["publics"]), title)
    assert [(row[0], number(row[1]), number(row[2])) for row in rows] == [
        (format_fr.month(quarter), yes or 0, people) for quarter, yes, people in expected
    ]
    assert [row[3] for row in rows] == [format_fr.percent((yes or 0) / people) for _, yes, people in expected]
    read_by(Rights("comite"))
    told = said(at_address(PAGES["publics"]))
    assert "part des personnes équipées de chaque trimestre" not in told and "un trimestre en compte trop peu" in told
