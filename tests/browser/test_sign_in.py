"""Who signs in sees what the access file says, for as long as it says it; and nobody else sees anything."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dashboards import menu
from tests.browser.conftest import free_port, serving, visit
from tests.browser.provider import TERRITORY, Provider, write_access
from tests.browser.test_states import publish
from warehouse.published.figure_address import Figure, write
from warehouse.settings import Home

SHOWN = ".pn-card, .pn-facts, .pn-table"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider of this machine."""
    running = Provider(free_port())
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def access_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the access file is: outside the home."""
    return tmp_path_factory.mktemp("access") / "access.yaml"


@pytest.fixture(scope="module")
def guarded(
    home: Path, access_file: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of dashboards that require sign-in."""
    root = tmp_path_factory.mktemp("guarded") / "home"
    publish(root, Home.at(home).published.resolve())
    port = free_port()
    write_access(access_file.parent, f"http://127.0.0.1:{port}", provider)
    with serving(root, port, access_file) as address:
        yield address


def sign_in(tab: Page, provider: Provider, guarded: str, email: str) -> None:
    """Sign in through the provider as `email`."""
    provider.who = email
    visit(tab, guarded)
    assert tab.locator(".pn-card").count() == 0
    tab.get_by_role("button", name="Se connecter").click()
    # Waits across the two redirections, there and back.
    tab.wait_for_selector("button:has-text('Se déconnecter')", state="attached")
    tab.wait_for_selector("h1")


def status(tab: Page, address: str) -> int:
    """What the server answers to the browser of this tab, with its cookies."""
    return tab.request.get(address).status


def status_without_cookie(address: str) -> int:
    """What the server answers to anybody."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


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
    visit(tab, f"{guarded}/territoires?mesure=Heures+de+formation")
    names = tab.get_by_role("region", name="Classement : Heures de formation").locator("tbody th").all_inner_texts()
    assert names == [TERRITORY[1]]
    visit(tab, f"{guarded}/mandat")
    issued = tab.get_by_role("region", name="Compte du mandat par année, en pass").locator("tbody td:nth-child(3)")
    shown = [int(text.replace("\u202f", "")) for text in issued.all_inner_texts() if text != "secret"]
    expected = ask(
        "select sum(issued_passes) from marts.mandate_ledger where territory_code = ? group by year(month)",
        TERRITORY[0],
    )
    assert shown
    assert set(shown) <= {passes for (passes,) in expected}
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
    visit(tab, f"{guarded}/?chiffre={write(Figure('passes_issued', build, 'territory', TERRITORY[0]))}")
    named = """
        select count(distinct source_file_id) from proof.contribution where event = 'issue' and territory_code = ?
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


def test_a_taken_file_and_the_measures_answer_to_its_reader_alone(
    provider: Provider, guarded: str, open_tab: Callable[..., Page]
) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "equipe@metropole.example")
    visit(tab, f"{guarded}/mandat")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    with tab.expect_download():
        tab.get_by_role("button", name="(CSV)").first.click()
    (address,) = (url for url in asked if "/media/" in url)
    for closed in (address, f"{guarded}/_stcore/metrics"):
        assert status(tab, closed) == 200
        assert status_without_cookie(closed) == 401
    # Another person, of another role, to whom the address was given.
    other = open_tab()
    sign_in(other, provider, guarded, "comite@metropole.example")
    assert status(other, address) == 401
    assert status(other, f"{guarded}/_stcore/metrics") == 200
    cookies = {cookie["name"]: cookie for cookie in tab.context.cookies()}
    assert not any(name.startswith("_streamlit_user") for name in cookies)
    assert cookies["passnum"]["httpOnly"]
    assert cookies["passnum"]["sameSite"] == "Lax"


def test_signing_out_ends_every_tab_and_the_cookie_itself(
    provider: Provider, guarded: str, open_tab: Callable[..., Page]
) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "equipe@metropole.example")
    expect(tab.locator(".pn-card").first).to_be_visible()
    other = tab.context.new_page()
    visit(other, f"{guarded}/mandat")
    (token,) = (cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == "passnum")
    tab.get_by_role("button", name="Se déconnecter").click()
    expect(tab.get_by_role("button", name="Se connecter")).to_be_visible()
    # The other tab is still connected, as it was: its next page shows nothing.
    other.get_by_role("link", name="Budget", exact=True).click()
    expect(other.get_by_role("button", name="Se connecter")).to_be_visible()
    assert other.locator(SHOWN).count() == 0
    thief = open_tab()
    thief.context.add_cookies([{"name": "passnum", "value": token, "url": guarded}])
    visit(thief, f"{guarded}/mandat")
    expect(thief.get_by_role("button", name="Se connecter")).to_be_visible()
    assert status(thief, f"{guarded}/_stcore/metrics") == 401


def test_a_role_withdrawn_or_changed_counts_at_the_next_page(
    provider: Provider, guarded: str, access_file: Path, open_tab: Callable[..., Page]
) -> None:
    tab = open_tab()
    sign_in(tab, provider, guarded, "comite@metropole.example")
    expect(tab.locator("dl.pn-facts")).to_contain_text("Comité de pilotage")
    before = access_file.read_text(encoding="utf-8")
    try:
        changed = before.replace("role: comite", 'role: territoire, territoire: "94080"')
        access_file.write_text(changed, encoding="utf-8")
        tab.get_by_role("link", name="Budget", exact=True).click()
        expect(tab.get_by_text("réservée à l'équipe du programme")).to_be_visible()
        access_file.write_text(before.replace("comite@metropole", "autre@metropole"), encoding="utf-8")
        tab.get_by_role("link", name="Mandat", exact=True).click()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Accès refusé")
        assert tab.locator(SHOWN).count() == 0
    finally:
        access_file.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("spoil", ["moved", "broken"])
def test_an_access_file_moved_away_or_broken_lets_nobody_in(
    spoil: str, provider: Provider, guarded: str, access_file: Path, open_tab: Callable[..., Page]
) -> None:
    """While the server runs: neither someone who was in, nor someone who arrives."""
    inside = open_tab()
    sign_in(inside, provider, guarded, "equipe@metropole.example")
    expect(inside.locator(".pn-card").first).to_be_visible()
    before = access_file.read_text(encoding="utf-8")
    away = access_file.rename(access_file.with_suffix(".away"))
    if spoil == "broken":
        access_file.write_text("oidc: {}", encoding="utf-8")
    try:
        inside.get_by_role("link", name="Territoires", exact=True).click()
        expect(inside.get_by_text("mal réglé, personne ne peut y entrer")).to_be_visible()
        assert inside.locator(SHOWN).count() == 0
        stranger = open_tab()
        for page in ("", "mandat", "exports", "qualite"):
            stranger.goto(f"{guarded}/{page}")
            expect(stranger.get_by_text("mal réglé, personne ne peut y entrer")).to_be_visible()
            assert stranger.locator(SHOWN).count() == 0
        assert status(inside, f"{guarded}/_stcore/metrics") == 401
    finally:
        away.replace(access_file)
    assert access_file.read_text(encoding="utf-8") == before
    visit(inside, guarded)
    expect(inside.locator(".pn-card").first).to_be_visible()


def test_every_page_asks_who_reads(guarded: str, tab: Page) -> None:
    """But the statement of accessibility, which holds no figure and is for everyone."""
    pages = [page for page in menu.entries() if page.file.stem != "accessibilite"]
    assert len(pages) > 10
    for page in pages:
        visit(tab, f"{guarded}/{page.address}")
        expect(tab.get_by_role("button", name="Se connecter")).to_be_visible()
        assert tab.locator(SHOWN).count() == 0
