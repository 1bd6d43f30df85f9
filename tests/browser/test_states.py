"""What a person meets when things are not usual: nothing published, a build refused, a new version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import serving, visit
from tests.browser.test_figures import download
from tests.integration.golden.deliveries import uses
from tests.once import copy_home
from warehouse.build import history
from warehouse.published import builds, versions
from warehouse.settings import Home


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
