"""What pages show in time: months or whole quarters, the share of an answer quarter by quarter; against the marts.

Does not live here: the same switch on the overview, in a browser (tests/browser/test_files.py).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from dashboards.periods import first_day
from dashboards.queries_protected import ProtectedReader
from dashboards.reading import NO_FILTER, Filters
from presentation import format_fr
from tests.pages.drawn import number, said, table
from warehouse.published.versions import current_path
from warehouse.settings import Home

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
PAGES = {page.address: page.file for page in menu.entries()}
CUT = "Un trimestre que la période coupe n'est pas montré"


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
    assert [row[3] for row in rows] == [format_fr.hours(hours) for *_, hours in expected]
    assert CUT in said(at_address(PAGES["lieux"], choices))
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
    assert (
        "part des personnes équipées de chaque trimestre" not in told
        and "trop peu de personnes dans un trimestre" in told
    )


def test_territories_side_by_side_are_by_month_or_by_whole_quarter(at_address: Open, ask: Ask) -> None:
    """Issue 20, 6: the same switch wherever a page shows a series by month."""
    (first, second) = ask("""
        select territory_name from marts.territory_month group by 1 order by sum(hours) desc, 1 limit 2
    """)
    choices = {"territoires": [first[0], second[0]], "pas": ["trimestre entier"], "du": ["février 2021"]}
    rows = table(at_address(PAGES["territoires"], choices), "Heures de formation par trimestre et par territoire")
    expected = ask(f"""
        select territory_name, date_trunc('quarter', month), sum(hours) from marts.territory_month
        where territory_name in ('{first[0]}', '{second[0]}') and month >= date '2021-04-01'
        group by all order by all
    """)
    assert [(row[0], row[1], row[2]) for row in rows] == [
        (name, format_fr.month(quarter), format_fr.hours(hours)) for name, quarter, hours in expected
    ]


def test_the_account_of_a_year_is_by_month_or_by_quarter(at_address: Open, ask: Ask) -> None:
    """Opening + issued − used − expired − cancelled = closing, of a quarter as of a month; 2021 has four."""
    choices = {"annee": ["2021"], "pas": ["trimestre entier"]}
    rows = table(at_address(PAGES["mandat"], choices), "Compte de 2021 par trimestre, en pass")
    assert [row[0] for row in rows] == ["janvier 2021", "avril 2021", "juillet 2021", "octobre 2021"]
    amounts = [[number(cell) for cell in row[1:]] for row in rows]
    assert [
        opening + issued - used - expired - cancelled for opening, issued, used, expired, cancelled, _ in amounts
    ] == [row[-1] for row in amounts]
    assert [row[-1] for row in amounts[:-1]] == [row[0] for row in amounts[1:]]
    expected = ask("""
        select sum(used_passes) from marts.mandate_ledger where year(month) = 2021 group by quarter(month)
        order by quarter(month)
    """)
    assert [row[2] for row in amounts] == [passes for (passes,) in expected]


def test_what_is_committed_is_told_at_the_end_of_each_quarter(at_address: Open, ask: Ask) -> None:
    """A total reached is not a sum of a quarter: it is the same, whatever the step, where a quarter ends."""
    caption = "Engagé, mandaté et reçu, en cumul"
    by_month = {(row[0], row[1]): row[2] for row in table(at_address(PAGES["budget"], {}), caption)}
    rows = table(at_address(PAGES["budget"], {"pas": ["trimestre entier"]}), caption)
    assert 3 < len(rows) < len(by_month)
    assert {row[0].split()[0] for row in rows[:-1]} <= {"mars", "juin", "septembre", "décembre"} | {
        rows[-1][0].split()[0]
    }
    assert all(by_month[row[0], row[1]] == row[2] for row in rows)
    # Each month and each quarter to the date of the data, one without an entry too.
    ((first, as_of),) = ask("select min(entered_on), max(as_of) from core.fct_budget_entry, marts.programme")
    months = (as_of.year - first.year) * 12 + as_of.month - first.month + 1
    natures = {nature for _, nature in by_month}
    assert len(by_month) == months * len(natures)
    assert [row[0] for row in rows if row[1] == "Engagé"][-1] == format_fr.month(as_of)


def test_the_sheet_of_a_territory_is_by_month_or_by_quarter(at_address: Open, ask: Ask) -> None:
    """Up to the quarter of the data; a quarter without activity is a zero, as a month is."""
    ((name, code),) = ask("""
        select territory_name, territory_code from marts.territory_month group by all
        order by sum(hours) desc, 1 limit 1
    """)
    choices = {"territoire": [name], "pas": ["trimestre entier"]}
    rows = table(at_address(PAGES["territoire"], choices), f"Activité par trimestre : {name}")
    expected = dict(
        ask(f"""
        select date_trunc('quarter', month), sum(hours) from marts.territory_month where territory_code = '{code}'
        group by all having sum(hours) > 0
    """)
    )
    told = {row[0]: row[1] for row in rows if number(row[1])}
    assert told == {format_fr.month(quarter): format_fr.hours(hours) for quarter, hours in expected.items()}
    assert len({row[0] for row in rows}) == len(rows)


def test_outside_the_team_a_quarter_is_a_protected_figure_and_never_a_sum_of_months(
    protected_home: Path, ask: Ask
) -> None:
    """A quarter of a territory and of the account is what the cube says of it: null where it is withheld, and it is
    never added up of what is left of its months."""
    version = current_path(Home.at(protected_home))
    assert version is not None
    rights = Rights("comite", threshold=11)
    reader = ProtectedReader(version, rights)
    quarters = reader.territory_months(NO_FILTER, quarters=True)
    facts = reader.facts("territory", ("hours",), [], []).filter(pl.col("span").str.contains(r"^\d{4}-T\d$"))
    told = facts.select(territory_code="place", month=first_day(pl.col("span")), fact="hours")
    both = quarters.join(told, on=["territory_code", "month"], how="left", validate="1:1")
    assert both.height > 20 and both["hours"].null_count() > 0, "some quarter is small enough to be withheld"
    assert both.filter(pl.col("hours").ne_missing(pl.col("fact"))).is_empty()
    account = reader.ledger_months(NO_FILTER, 2021, quarters=True)
    months = reader.ledger_months(NO_FILTER, 2021)
    assert account["closing_passes"].to_list() == months.gather_every(3, 2)["closing_passes"].to_list()
    exact = dict(
        ask("""
        select date_trunc('quarter', month)::date, sum(used_passes) from marts.mandate_ledger
        where year(month) = 2021 group by all
    """)
    )
    assert all(used in (None, exact[month]) for month, used in account.select("month", "used_passes").rows())
    assert reader.ledger_months(Filters(ami=1), 2021, quarters=True).is_empty(), "of a part, by year alone"


def test_outside_the_team_a_quarter_of_some_lieux_that_the_period_cuts_is_not_shown(protected_home: Path) -> None:
    """As for the team: half of what would be shown is of months that nobody asked for."""
    version = current_path(Home.at(protected_home))
    assert version is not None
    reader = ProtectedReader(version, Rights("comite", threshold=11))
    every = reader.lieu_months(Filters(ami=1))["month"].to_list()
    first, second, third = every[2], every[3], every[4]
    assert reader.lieu_months(Filters(ami=1, start=first, end=_month_before(third)))["month"].to_list() == [
        first,
        second,
    ]
    # From the second month of the first quarter to the first month of the third: the second alone is whole.
    cut = Filters(ami=1, start=_month_before(first.replace(month=first.month + 2)), end=third)
    assert cut.cuts_a_quarter
    assert reader.lieu_months(cut)["month"].to_list() == [second]


def _month_before(day: date) -> date:
    return (day - timedelta(days=1)).replace(day=1)


def test_a_period_without_a_whole_quarter_says_so_and_not_that_nothing_happened(at_address: Open) -> None:
    """Issue 20, 6: « Aucune utilisation » of two months that have some would be false."""
    choices = {"du": ["février 2021"], "au": ["mars 2021"], "pas": ["trimestre entier"]}
    for page in ("lieux", ""):
        told = said(at_address(PAGES[page], choices))
        assert "Aucun trimestre entier à montrer, " in told and CUT in told
        # What a stopped lieu is, further down, is another sentence.
        told = told.replace("Aucune utilisation comptée depuis", "")
        assert "Aucune utilisation " not in told and "Aucune activité ne répond" not in told
    whole = {"du": ["janvier 2021"], "au": ["mars 2021"], "pas": ["trimestre entier"]}
    assert CUT not in said(at_address(PAGES["lieux"], whole))
