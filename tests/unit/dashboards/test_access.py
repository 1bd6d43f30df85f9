"""Who may enter: refused by default, and never on a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.access import FILE_NAME, TEAM, VARIABLE, Access, AccessError, Rights, access_path, load_access
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


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    (tmp_path / "client.secret").write_text("c" * 32)
    (tmp_path / "cookie.secret").write_text("k" * 32)
    path = tmp_path / FILE_NAME
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_each_address_has_its_rights(access_file: Path) -> None:
    access = load_access(access_file)
    assert access.rights_of("equipe@METROPOLE.example ", email_verified=True) == TEAM
    assert access.rights_of("elue@vincennes.example", email_verified="true") == Rights("territoire", "94080")
    assert access.oidc["cookie_secret"] == "k" * 32


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
        ("courriel: comite@metropole.example", "nom: comite", "courriel"),
        ("cookie.secret", "absent.secret", "absent.secret"),
        ("oidc:", "oidc: [", "illisible"),
        ("oidc:", "oidc:\n  adresses_verifiees: oui", "adresses_verifiees"),
    ],
)
def test_a_file_that_cannot_be_followed_lets_nobody_in(access_file: Path, old: str, new: str, words: str) -> None:
    access_file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(AccessError, match=words):
        load_access(access_file)


def test_a_short_secret_is_refused(access_file: Path) -> None:
    (access_file.parent / "cookie.secret").write_text("court")
    with pytest.raises(AccessError, match="16 caractères"):
        load_access(access_file)


def test_the_file_of_the_home_is_found_and_a_named_one_wins(
    tmp_path: Path, access_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert access_path(Home.at(tmp_path / "empty")) is None
    assert access_path(Home.at(access_file.parent)) == access_file
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing.yaml"))
    assert access_path(Home.at(access_file.parent)) == tmp_path / "missing.yaml"
    with pytest.raises(AccessError):
        load_access(tmp_path / "missing.yaml")
