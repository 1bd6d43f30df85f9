"""What a committee decides from: the first screen's answers, the pace of the headlines, the passes to save.

Does not live here: what the answers say (tests/unit/presentation/test_verdict.py), the mart (dbt unit tests).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import menu
from dashboards.access import Rights
from presentation import format_fr
from presentation.french import bind
from reporting.to_save.state import Post, folder_of, write_posts
from tests.pages.drawn import blocks, figures, number, said, table
from warehouse.published.versions import current_version
from warehouse.settings import HOME_VARIABLE, Home

Ask = Callable[..., list[tuple]]
Open = Callable[..., AppTest]
PAGES = {page.address: page.file for page in menu.entries()}
COMMITTEE, ONE_TERRITORY = Rights("comite"), Rights("territoire", "94080")


def test_the_first_thing_read_is_the_three_answers(at_address: Open) -> None:
    """Issue 20, 1: verdict first, before the version and the cards."""
    seen = blocks(at_address(PAGES[""]))
    kinds = ["pn-verdict", "pn-facts", "pn-cards"]
    places = [
        next(n for n, block in enumerate(seen) if block.one("div", kind) or block.one("dl", kind)) for kind in kinds
    ]
    assert places == sorted(places)
    answers = list(seen[places[0]].all("section"))
    assert [answer.one("h2").text for answer in answers] == [  # type: ignore[union-attr]
        "Atteindra-t-on les objectifs ?", "Où est le risque ?", "Que décider ?",
    ]  # fmt: skip
    addresses = {link.attributes["href"] for answer in answers for link in answer.all("a")}
    assert addresses and addresses <= set(PAGES)


@pytest.mark.parametrize("rights", [COMMITTEE, ONE_TERRITORY], ids=["comite", "territoire"])
def test_every_reader_has_the_three_answers(
    at_address: Open, read_by: Callable[[Rights], None], rights: Rights
) -> None:
    read_by(rights)
    (shown,) = [block for block in blocks(at_address(PAGES[""])) if block.one("div", "pn-verdict")]
    assert len(list(shown.all("section"))) == 3


def test_a_headline_says_what_a_year_brought(at_address: Open, ask: Ask) -> None:
    """The card's « en un an » is the curve's last value less the one of a year ago."""
    ((now, then),) = ask("""
        select max(hours) filter (where date_day = as_of), max(hours) filter (where date_day = as_of - interval 1 year)
        from marts.progress_daily, marts.programme
    """)
    told = format_fr.signed(now - then, format_fr.hours_round)
    assert f"{told} en un an" in said(at_address(PAGES[""]))


def test_the_passes_to_save_are_those_that_lapse_within_the_notice(at_address: Open, ask: Ask) -> None:
    """Issue 20, 2: by territory, ranked by euros, and the cards are their sums; from the passes themselves."""
    pages = at_address(PAGES["pass_a_sauver"])
    expected = ask("""
        select territory_name, count(*), sum(face_value_eur) as eur from core.fct_pass
        inner join core.dim_territory using (territory_code), marts.programme
        where left_on is null and tolerance_until < as_of + expiry_alert_days group by 1 order by eur desc, 1
    """)
    assert expected, "the simulated home has passes that lapse"
    rows = table(pages, "Pass à sauver sous 90 jours, territoire par territoire")
    assert [(row[0], number(row[2]), number(row[3])) for row in rows] == [
        (name, passes, float(euros)) for name, passes, euros in expected
    ]
    cards = {one.where: one.text for one in figures(pages) if one.row == 0}
    assert number(cards["Pass à sauver sous 90 jours"]) == sum(passes for _, passes, _ in expected)
    assert number(cards["Leur valeur"]) == float(sum(euros for *_, euros in expected))


def test_the_pace_that_saves_all_is_the_most_demanding_day(at_address: Open, ask: Ask) -> None:
    lapsing = ask("""
        select tolerance_until, count(*), max(as_of) from core.fct_pass, marts.programme
        where left_on is null group by 1 order by 1
    """)
    cumulated, asked = 0, []
    for last, passes, as_of in lapsing:
        cumulated += passes
        if last < as_of + timedelta(days=90):
            asked.append(cumulated / max((last - as_of).days / 7, 1 / 7))
    cards = {one.where: one.text for one in figures(at_address(PAGES["pass_a_sauver"])) if one.row == 0}
    assert isinstance(lapsing[0][0], date)
    assert cards["Pour tout sauver"] == format_fr.integer(max(asked))


def test_who_to_call_is_a_structure_and_is_the_teams(
    at_address: Open, ask: Ask, read_by: Callable[[Rights], None]
) -> None:
    """Issue 20, 2: who to call (structures, never persons); small counts are the team's alone."""
    title = "Pass à sauver, par prescripteur, lot et dernier jour"
    prescribers = {name for (name,) in ask("select prescriber_name from core.dim_prescriber")}
    rows = table(at_address(PAGES["pass_a_sauver"]), title)
    assert rows and {row[0] for row in rows} <= prescribers | {"Stock de l'opérateur"}
    read_by(COMMITTEE)
    pages = at_address(PAGES["pass_a_sauver"])
    assert title not in said(pages) and "réservés à l'équipe" in said(pages)


def test_the_team_takes_the_file_of_each_structure_and_sees_where_its_mail_stands(
    at_address: Open, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, read_by: Callable[[Rights], None]
) -> None:
    """Issue 20, 2: before any is prepared the command is said; then a line a structure, and its file."""
    assert "passnum report expiring" in said(at_address(PAGES["pass_a_sauver"]))
    own = Home.at(tmp_path)
    (own.root / "warehouse").symlink_to(home / "warehouse")
    (own.root / "lake").symlink_to(home / "lake")
    version = current_version(own)
    assert version is not None
    folder = folder_of(own, version)
    posts = [
        Post("prescripteur", "21940080900014", "CCAS", "12 pass", "a.xlsx", {"c@v.example": "envoye"}, {}),
        Post("territoire", "94080", "Vincennes", "9 pass", "b.xlsx", {"m@v.example": "refuse"}, {"m@v.example": "550"}),
        Post("territoire", "94033", "Fontenay", "3 pass", "c.xlsx", {}, {}),
    ]
    folder.mkdir(parents=True)
    write_posts(folder, posts)
    monkeypatch.setenv(HOME_VARIABLE, str(own.root))
    pages = at_address(PAGES["pass_a_sauver"])
    rows = table(pages, "Fichiers des structures, et leurs courriels")
    assert rows == [
        ["CCAS", "prescripteur", "12 pass", bind("c@v.example : envoyé")],
        ["Vincennes", "territoire", "9 pass", bind("m@v.example : adresse refusée ; 550")],
        ["Fontenay", "territoire", "3 pass", "aucune adresse"],
    ]
    chosen = pages.selectbox[-1]
    assert chosen.label == "Structure dont on veut le fichier" and len(chosen.options) == len(posts)
    read_by(COMMITTEE)
    assert "Fichiers des structures" not in said(at_address(PAGES["pass_a_sauver"]))
