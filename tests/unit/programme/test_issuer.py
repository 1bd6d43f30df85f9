"""Who issues the documents (diffusion.yaml): a French error for what is missing, and no other carrier's SIREN."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER, ProgrammeError, load_issuer, load_programme
from tests.unit.programme.settings_file import Write, writer

RIGHT = {
    "siren": "217 500 016", "name": "Ville de Paris", "website": "https://www.paris.example", "contact_name": "Données",
    "contact_email": "donnees@paris.example", "base_url": "https://donnees.paris.example/pass",
}  # fmt: skip


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder of settings with a diffusion.yaml of these values; None: the line is left out."""

    return writer(tmp_path / "diffusion.yaml", RIGHT)


def test_the_file_shipped_signs_for_the_metropole_and_says_what_is_left_to_fill_in() -> None:
    issuer = load_issuer()
    assert (issuer.siren, issuer.name) == ("200054781", "Métropole du Grand Paris")
    assert issuer.lacking == ["contact_name", "contact_email", "base_url"]


def test_a_siren_is_read_as_it_is_printed(write: Write) -> None:
    issuer = load_issuer(write())
    assert issuer.siren == "217500016" and issuer.lacking == []


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"siren": None}, "siren", "réglage absent"),
        ({"siren": ""}, "siren", "valeur absente"),
        ({"siren": "217500017"}, "siren", "dont le dernier est une clé"),  # its last digit does not hold
        ({"siren": "21750001600019"}, "siren", "9 chiffres"),  # a SIRET
        ({"contact_email": "donnees"}, "contact_email", "adresse électronique"),
        ({"base_url": "donnees.example"}, "base_url", "adresse absolue"),
        ({"base_url": None}, "base_url", "réglage absent"),
        ({"website": ""}, "website", "valeur absente"),
        ({"contact_mail": "a@b.example"}, "contact_mail", "Vouliez-vous écrire « contact_email »"),
    ],
)
def test_a_mistake_is_told_in_french_with_its_setting(
    write: Write, changes: dict[str, str | None], name: str, words: str
) -> None:
    with pytest.raises(ProgrammeError) as caught:
        load_issuer(write(**changes))
    assert caught.value.problems[0].column == name and words in str(caught.value)


def test_a_folder_without_the_file_is_the_metropole_s_unless_its_map_is_another(tmp_path: Path) -> None:
    """Else a carrier that forgot the file would sign its figures with the Métropole's SIREN."""
    assert load_issuer(tmp_path).siren == "200054781"
    shutil.copy(PROJECT_FOLDER / "communes.geojson", tmp_path)
    assert load_issuer(tmp_path).siren == "200054781"
    (tmp_path / "communes.geojson").write_text('{"features": []}', encoding="utf-8")
    with pytest.raises(ProgrammeError, match=r"diffusion\.yaml.*introuvable"):
        load_issuer(tmp_path)


def test_no_version_holds_it() -> None:
    assert "200054781" not in load_programme().model_dump_json()
