"""Whom the mandate's account names (mandat.yaml): nothing is guessed, a mistake is told in French with its setting."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from programme.config import PROJECT_FOLDER, ProgrammeError, load_issuer, load_mandate, load_programme
from reporting.mandate.identity import NAMES, Parties, identity_table, lacking_sentence, signatures

FILE = "mandat.yaml"


def written(folder: Path, **changes: str | None) -> Path:
    """A folder of settings with the mandat.yaml shipped but for these values; None: the line is left out."""
    lines = (PROJECT_FOLDER / FILE).read_text(encoding="utf-8").splitlines()
    for name, value in changes.items():
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{name}:")]
        lines[place : place + 1] = [] if value is None else [f"{name}: {value}"]
    (folder / FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_the_file_shipped_says_what_the_deliberation_says_and_no_more() -> None:
    """Never an invented name: what no public paper says is blank, and is said so."""
    mandate = load_mandate()
    assert (mandate.agent_name, mandate.deliberation) == ("#APTIC", "CM2022/04/04/38")
    assert set(mandate.lacking) == {
        "agent_siren", "agent_address", "agent_representative", "convention_reference", "convention_signed_on",
        "convention_starts_on", "convention_ends_on", "authorising_officer", "accountant",
    }  # fmt: skip
    assert all(f"« {name} »" in lacking_sentence(mandate) for name in mandate.lacking)
    assert set(NAMES) == set(type(mandate).model_fields)


def test_what_is_filled_in_is_in_the_account_and_on_the_pages_to_sign(tmp_path: Path) -> None:
    folder = written(
        tmp_path, agent_siren="217 500 016", agent_address="1 rue Fictive", agent_representative="A. Fictif, gérant",
        convention_reference="CONV-1", convention_signed_on="02/05/2022", convention_starts_on="2022-06-01",
        convention_ends_on="2025-02-17", authorising_officer="Le Président", accountant="Poste fictif",
    )  # fmt: skip
    mandate = load_mandate(folder)
    assert mandate.lacking == [] and lacking_sentence(mandate) == ""
    assert (mandate.agent_siren, mandate.convention_signed_on) == ("217500016", date(2022, 5, 2))
    parties = Parties(load_issuer(), mandate)
    told = dict(identity_table(parties, load_programme()).values.select("label", "value").rows())
    assert told["Convention de mandat, terme"] == "17 février 2025"
    assert not any(value.startswith("non renseigné") for value in told.values())
    assert [one.signatory for one in signatures(parties, 2022)] == ["A. Fictif, gérant", "Le Président", "Poste fictif"]


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"agent_siren": "217500017"}, "agent_siren", "dont le dernier est une clé"),
        ({"convention_signed_on": "mai 2022"}, "convention_signed_on", "AAAA-MM-JJ"),
        ({"agent_name": ""}, "agent_name", "valeur absente"),
        ({"accountant": None}, "accountant", "réglage absent"),
    ],
)
def test_a_mistake_is_told_in_french_with_its_setting(
    tmp_path: Path, changes: dict[str, str | None], name: str, words: str
) -> None:
    with pytest.raises(ProgrammeError) as caught:
        load_mandate(written(tmp_path, **changes))
    assert caught.value.problems[0].column == name and words in str(caught.value)


def test_another_carrier_renders_no_account_in_the_name_of_this_one_s_agent(tmp_path: Path) -> None:
    assert load_mandate(tmp_path).agent_name == "#APTIC"
    shutil.copy(PROJECT_FOLDER / "communes.geojson", tmp_path)
    (tmp_path / "communes.geojson").write_text('{"features": []}', encoding="utf-8")
    with pytest.raises(ProgrammeError, match=r"mandat\.yaml.*introuvable"):
        load_mandate(tmp_path)


def test_no_version_holds_it() -> None:
    assert "#APTIC" not in load_programme().model_dump_json()
