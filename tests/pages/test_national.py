"""The national page, as the team, the committee and a commanditaire read it: what it says against what was published.

Does not live here: making the view (tests/integration/national), what is withheld (tests/unit/reporting/test_national).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from dashboards import menu
from dashboards.access import TEAM, Rights
from dashboards.rights import NotAllowed, may_read, open_for
from orchestration.cli import app
from presentation import format_fr
from reporting.national import store
from tests.conftest import ROOT
from tests.once import copy_home, made_once
from warehouse.published.versions import current_path
from warehouse.settings import HOME_VARIABLE, Home

METROPOLE, PARIS = "200054781", "217500016"
#: The threshold of a reader of a programme's pages is that of its settings.
COMMITTEE, OWN = Rights("comite"), Rights("commanditaire", siren=PARIS)


@pytest.fixture(scope="session")
def national_home(golden_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commanditaires, whose programme is the golden set, and one of whom nothing is known."""

    def make(root: Path) -> None:
        rows = [
            f"{siren};{name};{copy_home(golden_home, root / name)}"
            for siren, name in ((METROPOLE, "Métropole"), (PARIS, "Paris"))
        ]
        listed = root / "l.csv"
        listed.write_text("\n".join(["siren;nom;maison", *rows, "219400280;Créteil;nulle-part"]), encoding="utf-8")
        said = CliRunner().invoke(app, ["union", "--list", str(listed), "--home", str(root / "home")])
        assert said.exit_code == 0, said.output

    return made_once(tmp_path_factory, "national-pages", make) / "home"


@pytest.fixture
def opened(national_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """The national pages as somebody opens them."""
    monkeypatch.setenv(HOME_VARIABLE, str(national_home))

    def open_as(rights: Rights, **asked: str) -> AppTest:
        monkeypatch.setattr("dashboards.session.rights", lambda _: rights)
        pages = AppTest.from_file(str(ROOT / "dashboards" / "app.py"), default_timeout=60)
        for name, value in asked.items():
            pages.query_params[name] = value
        pages.run()
        assert not pages.exception
        return pages

    return open_as


def texts(pages: AppTest) -> str:
    found = [element.proto.body for element in pages.get("html") if "<style>" not in element.proto.body]
    return "\n".join([*found, *(one.value for one in (*pages.title, *pages.header, *pages.warning, *pages.info))])


def asked(home: Path, sql: str) -> list[tuple]:
    path = current_path(Home.at(home))
    assert path is not None
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def test_the_menu_of_a_national_home_is_its_own(opened: Callable[..., AppTest]) -> None:
    said = texts(opened(TEAM))
    assert "<span>Vue nationale</span>" in said and "Territoires" not in [
        e.title for e in menu.entries(menu.NATIONAL_PAGES)
    ]


def test_the_team_reads_sums_and_each_programme(
    opened: Callable[..., AppTest], national_home: Path, golden_home: Path
) -> None:
    """Twice the golden set: each card says the double of what one programme published."""
    said = texts(opened(TEAM))
    for code, kind in (("passes_used", "integer"), ("hours", "hours"), ("people_reached", "people")):
        ((one,),) = asked(golden_home, f"select value from marts.programme_progress where indicator = '{code}'")
        assert f'<p class="pn-value">{format_fr.write(2 * one, kind)}</p>' in said, code
        assert said.count(f">{format_fr.write(one, kind)}<") >= 2, code
    assert "1 commanditaire n'est pas compté : Créteil (dossier introuvable)." in format_fr.count(
        1, "", ""
    ) + said.replace("\xa0", " ")


def test_the_committee_reads_what_is_protected_and_nothing_else(
    opened: Callable[..., AppTest], national_home: Path
) -> None:
    """A figure withheld reads « secret »; no true value of it is in the page."""
    path = current_path(Home.at(national_home))
    assert path is not None
    kept = store.load(path)
    assert kept is not None
    own = kept.filter(kind="commanditaire", place=PARIS, span="tout")
    secret = own.filter(own["value"].is_null())["measure"].to_list()
    assert "people_reached" in secret, "the golden set has fewer than eleven people a programme"
    said = texts(opened(COMMITTEE))
    assert ">secret<" in said and "Comité de pilotage" in said


def test_a_commanditaire_reads_its_own_part_and_the_sums(opened: Callable[..., AppTest]) -> None:
    said = texts(opened(OWN, commanditaire="Paris"))
    assert "Paris, et les sommes nationales" in said and PARIS in said
    assert METROPOLE not in said
    other = texts(opened(OWN, commanditaire="Métropole"))
    assert METROPOLE not in other, "an address asks for what this access does not have"


def test_a_territory_s_reader_has_no_national_page(opened: Callable[..., AppTest]) -> None:
    said = texts(opened(Rights("territoire", "94080")))
    assert "la vue nationale ne vous est pas ouverte" in said and "pn-value" not in said


def test_a_commanditaire_has_no_page_of_a_programme(golden_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(golden_home))
    monkeypatch.setattr("dashboards.session.rights", lambda _: OWN)
    pages = AppTest.from_file(str(ROOT / "dashboards" / "app.py"), default_timeout=60).run()
    said = texts(pages)
    assert not pages.exception and "ne vous sont pas ouvertes" in said and "pn-value" not in said
    assert not may_read(OWN, "programme_progress")
    path = current_path(Home.at(golden_home))
    assert path is not None
    with pytest.raises(NotAllowed):
        open_for(path, OWN)


def test_without_its_protected_figures_nobody_but_the_team_reads_a_figure(
    opened: Callable[..., AppTest], national_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = copy_home(national_home, tmp_path / "home")
    path = current_path(Home.at(bare))
    assert path is not None
    store.file_of(path).unlink()
    pages = opened
    monkeypatch.setenv(HOME_VARIABLE, str(bare))
    said = pages(COMMITTEE)
    assert "pn-value" not in texts(said) and "union --force" in said.error[0].value
    assert "pn-value" in texts(pages(TEAM))
