"""What a decision would change: the page is the projection itself on another stock or pace, and the address keeps it.

Does not live here: what a scenario starts from, what comes of a decision (dbt unit tests), the band (golden set).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from presentation import format_fr
from tests.pages.drawn import figures, number, said, table

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
PAGE = next(page.file for page in menu.entries() if page.address == "scenarios")
COMMITTEE, ONE_TERRITORY = Rights("comite", threshold=11), Rights("territoire", "94080", 11)
TITLE = "Les objectifs, avec ce scénario et sans"
MEDIAN, GAINED = 3, 4


@pytest.mark.parametrize(("reissued", "scenario"), [(0, "sans_reemission"), (1, "budget_restant")])
def test_a_scenario_is_computed_by_the_projection_itself(ask: Ask, reissued: int, scenario: str) -> None:
    """Issue 20, 3: by the projection's own model. With nothing changed, or all the budget issued, to the last digit."""
    told = "indicator, target_on, low, median, high, ceiling"
    projected = ask(
        f"select {told} from marts.projection where scenario = $s order by all".replace("$s", f"'{scenario}'")
    )
    assert projected, "the simulated home is projected"
    assert ask(f"select {told} from scenario(reissued := {reissued}) order by all") == projected


def test_a_faster_pace_gains_and_never_more_than_the_ceiling(ask: Ask) -> None:
    rows = ask("select indicator, gained, median, ceiling from scenario(faster := 0.5) where is_mandate_end")
    assert {name for name, *_ in rows} == {"hours", "people_reached", "face_value_used_eur"}
    assert all(gained > 0 and median <= ceiling for _, gained, median, ceiling in rows)


def test_moved_carnets_go_from_one_pace_to_the_other(ask: Ask) -> None:
    """The gain of a move, from the passes themselves: what the receiving pace serves less what the giving would."""
    ((giving, receiving),) = ask("""
        with holding as (select territory_code, use_tempo from marts.scenario_stock
            inner join marts.territory_pace using (territory_code) where batch = 'undistributed')
        select arg_min(territory_code, use_tempo), (select arg_max(territory_code, use_tempo) from marts.territory_pace)
        from holding
    """)
    expected = ask(f"""
        select sum(face_value_eur * (
            power(1 - use_rate * slow.use_tempo, (tolerance_until - as_of) / 7)
            - power(1 - use_rate * fast.use_tempo, (tolerance_until - as_of) / 7)))
        from core.fct_pass
        inner join marts.scenario_basis on indicator = 'hours'
        inner join marts.territory_pace as slow on slow.territory_code = '{giving}'
        inner join marts.territory_pace as fast on fast.territory_code = '{receiving}'
        where fct_pass.territory_code = '{giving}' and status in ('in_stock', 'with_prescriber')
            and tolerance_until > as_of and tolerance_until <= (select mandate_ends_on from marts.programme)
    """)
    (whole,) = ask(f"""
        select gained, ceiling from scenario(giving := '{giving}', receiving := '{receiving}', moved := 1000000)
        where is_mandate_end and indicator = 'face_value_used_eur'
    """)
    (none,) = ask("select ceiling from scenario() where is_mandate_end and indicator = 'face_value_used_eur'")
    assert whole == (pytest.approx(expected[0][0], abs=1e-3), none[0])
    assert whole[0] > 0
    back = ask(f"""
        select gained from scenario(giving := '{giving}', receiving := '{giving}', moved := 100) where is_mandate_end
        union all
        select gained from scenario(giving := '{giving}', receiving := 'Z', moved := 100) where is_mandate_end
    """)
    assert {gained for (gained,) in back} == {0}, "to itself, or to nobody, nothing moves"


def test_the_page_shows_the_scenario_of_its_address(at_address: Open, ask: Ask) -> None:
    """Kept in the URL: the address opens the same figures for everybody."""
    page = at_address(PAGE, {"rythme": ["+50 %"]})
    expected = ask("""
        select label, median, gained, unit from scenario(faster := 0.5) inner join marts.indicator on code = indicator
        where is_mandate_end order by rank
    """)
    rows = table(page, TITLE)
    assert [row[0] for row in rows] == [label for label, *_ in expected]
    for row, (_, median, gained, unit) in zip(rows, expected, strict=True):
        write = format_fr.KINDS[format_fr.ROUND_WRITERS[unit]].write
        assert (row[MEDIAN], row[GAINED]) == (write(median), write(gained))
    cards = {one.where: one.text for one in figures(page) if one.row == 0}
    assert {label: number(cards[label]) for label, *_ in expected} == {
        label: number(format_fr.write(median, format_fr.ROUND_WRITERS[unit])) for label, median, _, unit in expected
    }
    assert "Rythme : +50 %." in said(page)


def test_only_the_team_moves_carnets(at_address: Open, ask: Ask, read_by: Callable[[Rights], None]) -> None:
    """What is left to hand out gives, with what was issued, how many people were equipped: a small count."""
    ((name,),) = ask("""
        select territory_name from marts.scenario_stock
        inner join core.dim_territory using (territory_code)
        where batch = 'undistributed' order by all limit 1
    """)
    others = ask("select territory_name from core.dim_territory where is_participating order by all")
    receiving = next(other for (other,) in others if other != name)
    asked = {"de": [name], "vers": [receiving], "carnets": ["50"]}
    assert f"de {name} vers {receiving}" in said(at_address(PAGE, asked))
    read_by(COMMITTEE)
    page = at_address(PAGE, asked)
    assert "se simule avec l'équipe du programme" in said(page)
    assert {number(row[GAINED]) for row in table(page, TITLE)} == {0}


def test_a_territory_s_reader_is_told_that_the_page_is_the_committee_s(
    at_address: Open, read_by: Callable[[Rights], None]
) -> None:
    read_by(ONE_TERRITORY)
    assert "réservée à l'équipe du programme et au comité" in said(at_address(PAGE))
