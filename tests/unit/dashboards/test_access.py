"""Who may enter: refused by default, and never on a guess."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboards.access import (
    FILE_NAME,
    TEAM,
    VARIABLE,
    Access,
    AccessError,
    Rights,
    access_path,
    decided,
    forget,
    load_access,
    remember,
    rights_now,
)
from warehouse.settings import Home

GOOD = """
oidc:
  redirect_uri: https://tableaux.example/oauth2callback
  client_id: passnum
  server_metadata_url: https://connexion.example/.well-known/openid-configuration
  client_secret_file: client.secret
  cookie_secret_file: cookie.secret
personnes:
  - {courriel: Equipe@metropole.example, role: equipe}
  - {courriel: comite@metropole.example, role: comite}
  - {courriel: elue@vincennes.example, role: territoire, territoire: "94080"}
"""
SECRETS = {"client.secret": secrets.token_hex(32), "cookie.secret": secrets.token_hex(32)}


@pytest.fixture(autouse=True)
def _no_file_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    decided.cache_clear()
    yield
    decided.cache_clear()


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret)
        (tmp_path / name).chmod(0o600)
    path = tmp_path / FILE_NAME
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_each_address_has_its_rights(access_file: Path) -> None:
    access = load_access(access_file)
    assert access.rights_of("equipe@METROPOLE.example ", email_verified=True) == TEAM
    assert access.rights_of("elue@vincennes.example", email_verified="true") == Rights("territoire", "94080")
    assert access.oidc["cookie_secret"] == SECRETS["cookie.secret"]


@pytest.mark.parametrize("email", [None, "", "inconnue@vincennes.example", "equipe@metropole.example.pirate"])
def test_an_unknown_address_is_refused(access_file: Path, email: str | None) -> None:
    assert load_access(access_file).rights_of(email, email_verified=True) is None


@pytest.mark.parametrize("verified", [None, False, "false", 0, ""])
def test_an_unverified_address_is_refused(access_file: Path, verified: object) -> None:
    access = load_access(access_file)
    assert access.rights_of("equipe@metropole.example", email_verified=verified) is None
    assert access.rights_of("equipe@metropole.example", email_verified=True) == TEAM


def test_the_file_may_answer_for_a_provider_that_says_nothing_of_its_addresses(access_file: Path) -> None:
    access_file.write_text(GOOD.replace("oidc:", "oidc:\n  adresses_verifiees: true"), encoding="utf-8")
    access = load_access(access_file)
    assert access.rights_of("equipe@metropole.example") == TEAM
    assert access.rights_of("equipe@metropole.example", email_verified=False) is None


def test_nobody_is_named_by_an_empty_list() -> None:
    assert Access({}, {}).rights_of("equipe@metropole.example", email_verified=True) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("oidc:", "autre:", "« oidc »"),
        ("client_id: passnum", "", "oidc.client_id"),
        ("role: comite", "role: chef", "rôle inconnu"),
        (', territoire: "94080"', "", "doit avoir « territoire »"),
        ("role: comite", 'role: comite, territoire: "94080"', "doit avoir « territoire »"),
        (', territoire: "94080"', ', territoire: " "', "doit avoir « territoire »"),
        ("role: comite", 'role: commanditaire, commanditaire: ""', "doit avoir « commanditaire »"),
        # A role withdrawn from the first entry would go on by the second.
        ("comite@metropole.example", "EQUIPE@metropole.example ", "deux fois"),
        ("courriel: comite@metropole.example", "nom: comite", "courriel"),
        ("cookie.secret", "absent.secret", "absent.secret"),
        ("oidc:", "oidc: [", "illisible"),
        ("https://tableaux", "http://tableaux", "redirect_uri.*https"),
        ("https://connexion", "http://connexion", "server_metadata_url.*https"),
        ("personnes:", "heures_de_session: 0\npersonnes:", "heures_de_session"),
        ("personnes:", "heures_de_session: 25\npersonnes:", "heures_de_session"),
        ("personnes:", "heures_de_session: oui\npersonnes:", "heures_de_session"),
        ("personnes:", "heures_de_session: true\npersonnes:", "heures_de_session"),
        ("oidc:", "oidc:\n  adresses_verifiees: oui", "adresses_verifiees"),
    ],
)
def test_a_file_that_cannot_be_followed_lets_nobody_in(access_file: Path, old: str, new: str, words: str) -> None:
    access_file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(AccessError, match=words):
        load_access(access_file)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    ("secret", "mode", "words"),
    [
        ("court", 0o600, "16 caractères"),
        ("a" * 40, 0o600, "se devine"),
        ("strong", 0o640, "chmod 600"),
        ("strong", 0o604, "chmod 600"),
    ],
)
def test_a_weak_or_readable_secret_lets_nobody_in(
    access_file: Path, name: str, secret: str, mode: int, words: str
) -> None:
    path = access_file.parent / name
    path.write_text(secrets.token_hex(32) if secret == "strong" else secret)
    path.chmod(mode)
    with pytest.raises(AccessError, match=words):
        load_access(access_file)


def test_the_file_lives_outside_the_data(tmp_path: Path, access_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named, else the user's own, else the one an earlier version asked for in the home."""
    home = Home.at(access_file.parent)
    assert access_path(Home.at(tmp_path / "empty")) is None
    assert access_path(home) == access_file
    own = tmp_path / "config" / "passnum" / FILE_NAME
    own.parent.mkdir(parents=True)
    own.symlink_to(tmp_path / "gone.yaml")  # a link that leads nowhere requires sign-in too
    assert access_path(home) == own
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing.yaml"))
    assert access_path(home) == tmp_path / "missing.yaml"
    with pytest.raises(AccessError):
        load_access(tmp_path / "missing.yaml")


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("oidc: ["), put_a_folder])
def test_a_file_moved_away_or_broken_while_the_server_runs_lets_nobody_in(
    access_file: Path, spoil: Callable[[Path], object]
) -> None:
    home = Home.at(access_file.parent)
    assert rights_now(home) is not None
    spoil(access_file)
    for _ in range(2):
        with pytest.raises(AccessError, match="absent ou illisible"):
            rights_now(home)


def test_a_file_that_appears_while_the_server_runs_lets_nobody_in_until_it_starts_again(
    tmp_path: Path, access_file: Path
) -> None:
    away = access_file.rename(tmp_path / "away.yaml")
    home = Home.at(tmp_path)
    assert rights_now(home) is None
    away.rename(access_file)
    with pytest.raises(AccessError, match="relancez"):
        rights_now(home)
    decided.cache_clear()
    assert rights_now(home) is not None


def test_a_role_withdrawn_counts_at_once(access_file: Path) -> None:
    home = Home.at(access_file.parent)
    access = rights_now(home)
    assert access is not None
    assert access.rights_of("comite@metropole.example", email_verified=True) == Rights("comite")
    access_file.write_text(GOOD.replace("  - {courriel: comite@metropole.example, role: comite}\n", ""))
    access = rights_now(home)
    assert access is not None
    assert access.rights_of("comite@metropole.example", email_verified=True) is None


def test_a_home_served_with_sign_in_does_not_open_when_its_file_is_lost(tmp_path: Path, access_file: Path) -> None:
    """Even when the server is started again, and the file never was in the home."""
    home = Home.at(tmp_path / "home")
    home.root.mkdir()
    elsewhere = tmp_path / "access-of-this-home.yaml"
    remember(home, elsewhere)
    assert access_path(home) == elsewhere
    with pytest.raises(AccessError, match="absent"):
        rights_now(home)
    forget(home)
    assert access_path(home) is None
