"""The sheets of a territory and of a lieu, and the rates: what they say, recomputed from the lines; who may see it.

Does not live here: the printed page (tests/browser/test_sheets.py), the rules of a rate (dbt unit tests), the sentences
(tests/unit/presentation/).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from presentation import format_fr
from tests.pages.drawn import blocks, number, said, table

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
Read = Callable[[Rights], None]
PAGES = {page.address: page.file for page in menu.entries()}
COMMITTEE, VINCENNES = Rights("comite"), Rights("territoire", "94080")
FIGURES = "Chiffres du territoire"


def ranking(pages: AppTest, label: str) -> list[list[str]]:
    return table(pages, f"Classement : {label}")


def test_the_ranking_by_people_for_1000_inhabitants_is_of_the_published_people_and_inhabitants(
    at_address: Open, ask: Ask
) -> None:
    """Issue 20, 4: rates first; each beside the programme's average, which is the programme's people over all."""
    pages = at_address(PAGES["territoires"])
    rows = ask("""
        select territory_name, count(person_key) filter (where reached_on is not null) * 1000 / population
        from core.dim_territory left join core.dim_person using (territory_code)
        where is_participating group by territory_name, population
    """)
    expected = {name: format_fr.write(value, "rate") for name, value in rows}
    shown = ranking(pages, "Personnes formées pour 1 000 habitants")
    assert {row[0]: row[2] for row in shown} == expected and len(expected) == 34
    assert [int(row[1]) for row in shown] == sorted(int(row[1]) for row in shown)
    ((average,),) = ask("""
        select (select value from marts.programme_progress where indicator = 'people_reached') * 1000
            / (select sum(population) from core.dim_territory where is_participating)
    """)
    assert f"Moyenne du programme : {format_fr.write(average, 'rate')}" in said(pages)
    sides = {row[3] for row in shown}
    assert {"au-dessus", "au-dessous"} <= sides <= {"au-dessus", "au-dessous", "égal"}
    assert all(row[3] == "au-dessus" for row in shown if number(row[2]) > round(average, 2))


def test_inhabitants_of_the_qpv_are_said_unknown_and_make_no_rate(at_address: Open) -> None:
    pages = at_address(PAGES["territoires"])
    assert "Population QPV non renseignée" in said(pages)
    labels = pages.selectbox(key="mesure").options
    assert "Personnes formées pour 1 000 habitants" in labels and not [one for one in labels if "QPV" in one]


def test_a_filter_moves_no_bound_of_the_map_and_takes_nobody_out_of_the_programme(at_address: Open) -> None:
    """A fixed scale: the very same bounds; a legend in which a filtered-out territory is not « hors programme »."""

    def bounds(pages: AppTest) -> list[str]:
        (chart,) = pages.get("vega_lite_chart") or pages.get("arrow_vega_lite_chart")
        import json

        specification = json.loads(chart.proto.spec)
        return [layer["encoding"]["color"]["scale"]["domain"] for layer in specification["layer"]
                if "scale" in layer.get("encoding", {}).get("color", {})]  # fmt: skip

    whole = at_address(PAGES["territoires"], {"mesure": ["Heures de formation"]})
    chosen = {"mesure": ["Heures de formation"], "ami": ["AMI 1 (2020)"], "du": ["janvier 2021"], "au": ["mars 2021"]}
    part = at_address(PAGES["territoires"], chosen)
    assert bounds(whole) == bounds(part) and len(bounds(whole)) == 1
    assert "retiré par les filtres" in said(part) and "retiré par les filtres" not in said(whole)


def test_the_sheet_of_a_territory_says_its_place_its_months_and_what_to_do(at_address: Open, ask: Ask) -> None:
    """Issue 20, 5: verdict, rank, average beside each figure, months up to the data's date, empty ones at zero."""
    pages = at_address(PAGES["territoire"], {"territoire": ["Vincennes"]})
    ((value, place, places),) = ask(
        "select value, place, places from marts.territory_rate where territory_code = '94080' and rate = 'use_rate'"
    )
    ((issued, used),) = ask("select count(*), count(*) filter (where status = 'used') from core.fct_pass"
                            " where territory_code = '94080'")  # fmt: skip
    assert value == pytest.approx(used / issued)
    (row,) = [row for row in table(pages, FIGURES) if row[0] == "Pass utilisés"]
    assert (row[3], row[6]) == (format_fr.percent(used / issued), f"{place}e sur {places}")
    (verdict,) = [block for block in blocks(pages) if block.one("div", "pn-verdict")]
    assert [section.one("h2").text for section in verdict.all("section")] == [  # type: ignore[union-attr]
        "Où en est le territoire ?", "Où est le risque ?", "Que décider ?",
    ]  # fmt: skip
    months = table(pages, "Activité par mois : Vincennes")
    ((first, last),) = ask("select min(month), date_trunc('month', max(as_of))::date from marts.territory_month,"
                           " marts.programme")  # fmt: skip
    assert isinstance(first, date)
    assert (months[0][0], months[-1][0]) == (format_fr.month(first), format_fr.month(last))
    assert len(months) == (last.year - first.year) * 12 + last.month - first.month + 1
    hours = ask("select hours from marts.territory_month where territory_code = '94080' and hours > 0")
    assert sum(number(row[1]) > 0 for row in months) == len(hours) < len(months)


def test_the_sheet_of_a_lieu_says_its_delay_and_what_waits(at_address: Open, ask: Ask) -> None:
    """From the lines themselves: the median of the days from a use to its reimbursement."""
    ((name, siret, delay, waits),) = ask("""
        select lieu_name, lieu_siret, median(reimbursed_on - redeemed_on) filter (
                where source_status = 'remboursee' and reimbursed_on >= redeemed_on),
            count(*) filter (where source_status <> 'remboursee')
        from core.fct_redemption inner join core.dim_lieu using (lieu_siret) where is_counted
        group by all having max(reimbursed_on) is not null order by 4 desc, 2 limit 1
    """)
    pages = at_address(PAGES["lieu"], {"lieu": [name]})
    text = said(pages)
    assert siret in text and f"{format_fr.count(delay, 'jour')}" in text
    assert "En attente de remboursement" in text and format_fr.count(waits, "pass", "pass") in text
    ((lines,),) = ask("select count(*) from core.fct_redemption where lieu_siret = ?", siret)
    quality = table(pages, "Lignes livrées par le lieu")
    assert number(quality[0][2]) == lines


@pytest.mark.parametrize("rights", [COMMITTEE, VINCENNES], ids=["comite", "territoire"])
def test_the_money_and_the_lines_of_a_lieu_are_the_teams(
    at_address: Open, read_by: Read, ask: Ask, rights: Rights
) -> None:
    ((name,),) = ask("select lieu_name from core.dim_lieu where territory_code = '94080' and lieu_name is not null"
                     " order by lieu_siret limit 1")  # fmt: skip
    read_by(rights)
    text = said(at_address(PAGES["lieu"], {"lieu": [name]}))
    assert "réservés à l'équipe" in text and "Délai de remboursement" not in text and "Lignes livrées" not in text


def test_a_reader_without_its_money_is_not_told_that_no_question_of_a_lieu_is_open(
    at_address: Open, read_by: Read, ask: Ask
) -> None:
    """The team may see passes that wait for weeks, of the very lieu: « aucune question » would be false."""
    ((name,),) = ask("""
        select any_value(lieu_name) from core.fct_redemption inner join core.dim_lieu using (lieu_siret)
        where is_counted and not is_inferred and referenced_until is null and lieu_name is not null
        group by lieu_siret order by max(redeemed_on) desc, count(*) desc limit 1
    """)
    read_by(COMMITTEE)
    text = said(at_address(PAGES["lieu"], {"lieu": [name]}))
    assert "Rien sur son activité ni sur son référencement" in text and "aucune question n'est ouverte" not in text


def test_a_territory_s_reader_sees_its_own_sheet_with_its_rank_and_no_other(at_address: Open, read_by: Read) -> None:
    read_by(VINCENNES)
    pages = at_address(PAGES["territoire"])
    assert list(pages.selectbox(key="territoire").options) == ["Vincennes"]
    rows = {row[0]: row for row in table(pages, FIGURES)}
    assert rows["Heures de formation"][5] not in ("—", "secret")
    (where,) = [block for block in blocks(pages) if block.one("div", "pn-verdict")]
    assert "secret statistique" in where.text or " sur " in where.text


@pytest.mark.parametrize("rights", [COMMITTEE, VINCENNES], ids=["comite", "territoire"])
def test_a_rate_of_a_protected_page_is_secret_with_its_count(at_address: Open, read_by: Read, rights: Rights) -> None:
    """A rate times the inhabitants is the count: the sheet never gives one without the other."""
    read_by(rights)
    secret = 0
    for name in ["Vincennes"] if rights is VINCENNES else ["Pierrefitte-sur-Seine", "Vincennes", "Stains", "Bobigny"]:
        for row in table(at_address(PAGES["territoire"], {"territoire": [name]}), FIGURES):
            if row[1] == "secret":
                assert row[3] in ("secret", "—") and row[6] == "", (name, row)
                secret += 1
    assert secret or rights is VINCENNES
