"""What a person meets when things are not usual: nothing published, a build refused, a new version, a sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import free_port, serving, visit
from tests.browser.provider import Provider
from tests.browser.test_figures import download
from tests.integration.golden.deliveries import uses
from tests.once import copy_home
from warehouse.build import history
from warehouse.published import builds, versions
from warehouse.published.figure_address import Figure, write
from warehouse.settings import Home

TERRITORY = ("94080", "Vincennes")


def publish(root: Path, version: Path) -> None:
    """Give the home at `root` a published version: the one built once for these tests."""
    place = Home.at(root).create()
    place.published.symlink_to(version)


def refuse(root: Path, of: Path, build_id: str) -> None:
    """Record a refused build in the home at `root`, as the gate does."""
    last = builds.load(Home.at(of).lake)[-1]
    history.save(Home.at(root).lake, replace(last, build_id=build_id, status="refused"), [])


def test_the_life_of_a_home_shows_without_a_restart(home: Path, tmp_path: Path, tab: Page) -> None:
    root = Home.at(tmp_path / "bare").create().root
    with serving(root) as address:
        visit(tab, address)
        expect(tab.get_by_text("Aucune donnée n'est encore publiée.")).to_be_visible()
        refuse(root, home, "20200101T000000Z-000000")
        visit(tab, address)
        expect(tab.get_by_text("a été refusé par un contrôle bloquant")).to_be_visible()
        assert tab.locator(".pn-card").count() == 0

        version = Home.at(home).published.resolve()
        publish(root, version)
        visit(tab, address)
        expect(tab.locator(".pn-card").first).to_be_visible()
        expect(tab.locator("dl.pn-facts")).to_contain_text(versions.read_version(version).build_id)
        assert tab.get_by_text("a été refusé").count() == 0

        refuse(root, home, "20990101T000000Z-000000")
        visit(tab, address)
        expect(tab.get_by_text("les chiffres affichés restent ceux de la version du")).to_be_visible()
        assert tab.locator(".pn-card").count() > 5


def test_a_refused_build_says_on_the_quality_page_what_to_do(
    home: Path, refused_home: Path, tmp_path: Path, tab: Page
) -> None:
    """Which file, which check, what to do, and the rejected lines to take away; never a rejected value."""
    root = copy_home(refused_home, tmp_path / "refused")
    with serving(root) as address:
        visit(tab, f"{address}/qualite")
        expect(tab.get_by_text("Aucune version n'est publiée")).to_be_visible()
        checks = tab.get_by_role("region", name="Contrôles qui ont refusé la publication")
        for words in ("PN-401", "36,0", "Corrigez les lignes rejetées et redéposez le fichier"):
            expect(checks).to_contain_text(words)
        files = tab.get_by_role("region", name="Fichiers de ce passage, ceux en cause d'abord")
        expect(files).to_contain_text("utilisations_2022-12-31.csv")
        text = download(tab, "Télécharger « Lignes rejetées de ces fichiers, sans leurs valeurs » (CSV)").decode()
        body = [line for line in text.splitlines() if not line.removeprefix("\ufeff").startswith("#")]
        assert body[0] == "Fichier;Ligne;Champ;Motif"
        assert body[1] == "utilisations_2022-12-31.csv;2;montant;Valeur invalide"
        assert len(body) == 1 + -(-len(uses()) // 3)
        assert "dix euros" not in text + tab.inner_text("body")

        publish(root, Home.at(home).published.resolve())
        refuse(root, home, "20990101T000000Z-000000")
        visit(tab, f"{address}/qualite")
        expect(tab.get_by_role("heading", name="Passage refusé le")).to_be_visible()
        expect(tab.locator(".pn-card").first).to_be_visible()


ACCESS = """
oidc:
  redirect_uri: {site}/oauth2callback
  client_id: passnum
  server_metadata_url: {provider}/.well-known/openid-configuration
  client_secret_file: client.secret
  cookie_secret_file: cookie.secret
personnes:
  - {{courriel: equipe@metropole.example, role: equipe}}
  - {{courriel: elue@vincennes.example, role: territoire, territoire: "{territory}"}}
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider of this machine."""
    running = Provider(free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def guarded_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published home, for its access file."""
    root = tmp_path_factory.mktemp("guarded") / "home"
    publish(root, Home.at(home).published.resolve())
    return root


@pytest.fixture(scope="module")
def guarded(guarded_home: Path, provider: Provider) -> Iterator[str]:
    """The address of dashboards whose home holds an access file."""
    root = guarded_home
    port = free_port()
    for name in ("client.secret", "cookie.secret"):
        (root / name).write_text("un-secret-pour-les-essais-seulement")
    content = ACCESS.format(site=f"http://127.0.0.1:{port}", provider=provider.address, territory=TERRITORY[0])
    (root / "access.yaml").write_text(content, encoding="utf-8")
    with serving(root, port) as address:
        yield address


def sign_in(tab: Page, provider: Provider, guarded: str, email: str) -> None:
    """Sign in through the provider as `email`."""
    provider.who = email
    visit(tab, guarded)
    assert tab.locator(".pn-card").count() == 0
    tab.get_by_role("button", name="Se connecter").click()
    tab.wait_for_function("document.querySelector('h1') && document.querySelector('[data-testid=stSidebar]')")


def test_an_unknown_address_sees_nothing(provider: Provider, guarded: str, open_tab: Callable[..., Page]) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "inconnue@exemple.example")
    expect(tab.get_by_role("heading", level=1)).to_have_text("Accès refusé")
    assert tab.locator(".pn-card, .pn-facts, .pn-table").count() == 0
    visit(tab, f"{guarded}/mandat")
    assert tab.locator(".pn-card, .pn-facts, .pn-table").count() == 0


def test_a_territory_sees_itself_and_nothing_else(
    provider: Provider, guarded: str, open_tab: Callable[..., Page], ask: Callable[..., list[tuple]]
) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "elue@vincennes.example")
    expect(tab.locator("dl.pn-facts")).to_contain_text("Périmètre : Vincennes")
    visit(tab, f"{guarded}/territoires")
    names = tab.get_by_role("region", name="Classement : Heures de formation").locator("tbody th").all_inner_texts()
    assert names == [TERRITORY[1]]
    visit(tab, f"{guarded}/mandat")
    issued = tab.get_by_role("region", name="Compte du mandat par année, en pass").locator("tbody td:nth-child(3)")
    shown = sum(int(text.replace("\u202f", "")) for text in issued.all_inner_texts())
    expected = ask("select sum(issued_passes) from marts.mandate_ledger where territory_code = ?", TERRITORY[0])
    assert shown == expected[0][0]
    visit(tab, f"{guarded}/publics")
    asked = "select sum(people_equipped) from marts.audience_profile where territory_code = ? and dimension = 'gender'"
    people = tab.locator("[role=region][aria-label='Genre des personnes équipées']").locator("tbody td:nth-child(2)")
    counts = [int(text.replace("\u202f", "")) for text in people.all_text_contents() if text != "secret"]
    assert people.count() > 0
    assert sum(counts) <= ask(asked, TERRITORY[0])[0][0]
    visit(tab, f"{guarded}/budget")
    expect(tab.get_by_text("réservée à l'équipe du programme")).to_be_visible()
    assert tab.locator(".pn-card, .pn-table").count() == 0


def test_a_territory_opens_the_files_of_its_own_figures_alone(
    provider: Provider, guarded: str, open_tab: Callable[..., Page], ask: Callable[..., list[tuple]]
) -> None:
    """Its own file names; of the programme the figure and no file; of another territory, nothing."""
    tab = open_tab()
    sign_in(tab, provider, guarded, "elue@vincennes.example")
    expect(tab.locator("dl.pn-facts")).to_contain_text("Périmètre : Vincennes")
    (build,) = ask("select max(build_id) from quality.build where status = 'published'")[0]
    files = tab.locator(".st-key-provenance tbody th")
    visit(tab, f"{guarded}/?chiffre={write(Figure('hours', build, 'territory', TERRITORY[0]))}")
    named = """
        select count(distinct source_file_id) from proof.contribution where event = 'attendance' and territory_code = ?
    """
    expect(files).to_have_count(ask(named, TERRITORY[0])[0][0])
    visit(tab, f"{guarded}/?chiffre={write(Figure('hours', build))}")
    expect(tab.get_by_text("ses fichiers sont réservés à l'équipe")).to_be_visible()
    expect(files).to_have_count(0)
    (other,) = ask("select min(territory_code) from marts.territory_progress where territory_code <> ?", TERRITORY[0])[
        0
    ]
    for figure in (Figure("hours", build, "territory", other), Figure("hours", build, "lieux", other)):
        visit(tab, f"{guarded}/?chiffre={write(figure)}")
        expect(tab.get_by_text("que votre accès ne comprend pas")).to_be_visible()
        expect(tab.locator(".st-key-provenance .pn-facts")).to_have_count(0)


def test_the_team_sees_everything(provider: Provider, guarded: str, open_tab: Callable[..., Page]) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "equipe@metropole.example")
    expect(tab.locator("dl.pn-facts")).to_contain_text("Équipe du programme")
    visit(tab, f"{guarded}/budget")
    expect(tab.locator(".pn-card").first).to_be_visible()


def test_an_access_file_that_cannot_be_followed_lets_nobody_in(guarded: str, guarded_home: Path, tab: Page) -> None:
    """It is read again at every page: the last test of this server spoils it."""
    (guarded_home / "access.yaml").write_text("oidc: {}", encoding="utf-8")
    visit(tab, f"{guarded}/accessibilite")
    tab.goto(f"{guarded}/territoires")
    expect(tab.get_by_text("mal réglé, personne ne peut y entrer")).to_be_visible()
    assert tab.locator(".pn-card, .pn-facts, .pn-table").count() == 0
