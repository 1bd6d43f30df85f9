"""The contracts: headers, roles, and the one place where an export's column is declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.contract import ContractError, load_contracts, load_layouts, normalise_header

ROLES = {
    "emissions": ("numero_carnet", "premier_pass dernier_pass valeur_faciale code_insee date_emission date_fin_validite statut"),  # noqa: E501
    "prescriptions": ("id_prescription", "numero_carnet date_prescription code_insee statut"),
    "utilisations": ("id_utilisation", "numero_pass date_utilisation siret_lieu montant statut"),
    "lieux": ("id", "pivot nom commune code_postal adresse date_maj"),
    "services": ("code_service", "libelle"),
    "budget": ("id_ecriture", "date_ecriture nature categorie montant_ttc"),
}  # fmt: skip


@pytest.mark.parametrize("dataset", ROLES)
def test_keys_and_critical_columns_are_those_of_the_specification(dataset: str) -> None:
    """Exports §1: K and C of each layout."""
    contract = load_contracts()[dataset]
    key, critical = ROLES[dataset]
    assert [f.name for f in contract.keys] == [key]
    assert {f.name for f in contract.fields if f.role == "C"} == set(critical.split())


def test_every_field_is_told_in_french_with_an_example() -> None:
    for contract in load_layouts():
        assert contract.title and contract.description and contract.owner
        for field in contract.fields:
            assert field.title and field.description.endswith(".") and field.example, field.name


@pytest.mark.parametrize(
    "header",
    [
        "numero_carnet",
        "N° Carnet",
        "Numéro carnet",
        "NUMERO CARNET",
        "n°carnet",
        "NuméroCarnet",
        "N° de carnet",
        " No carnet ",
    ],
)
def test_spellings_of_one_header(header: str) -> None:
    """Exports §2: any case, with or without accents, blanks, `_`, `n°`/`numéro`."""
    assert normalise_header(header) == normalise_header("numero_carnet")


def test_two_fields_are_not_one_header() -> None:
    assert normalise_header("date_emission") != normalise_header("date_livraison")


def write(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    return folder


GOOD = """dataset: x
layout: x
title: X
description: Un X par ligne.
owner: nous
fields:
  - {name: id, type: text, role: K, title: Id, description: Clé., example: a}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "YAML"),
        ("- 1", "x.yaml"),
        (GOOD.replace("role: K", "role: o"), "aucun champ clé"),
        (GOOD.replace("type: text", "type: texte"), "type"),
        (GOOD.replace("type: text", "type: enum"), "values"),
        (GOOD + "  - {name: id, type: text, role: o, title: Id, description: Bis., example: a}\n", "deux fois"),
        (GOOD + "  - {name: b, type: text, role: o, title: B, description: B., aliases: [ID]}\n", "désigne à la fois"),
        (GOOD.replace("dataset: x", "dataset: y"), "contrat propre"),
        (GOOD + "reshape: {kind: group, by: id, number: z, first: a, last: b}\n", "z n’existe pas"),
        (GOOD + "couleur: bleu\n", "couleur"),
    ],
)
def test_a_wrong_contract_is_told_in_french(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        load_layouts(write(tmp_path / "c", text))


def test_an_alias_that_yaml_takes_for_a_boolean_stays_a_word(tmp_path: Path) -> None:
    folder = write(tmp_path / "c", GOOD.replace("example: a", "example: a, aliases: [no, yes, 2021]"))
    assert load_contracts(folder)["x"].fields[0].aliases == ("no", "yes", "2021")
