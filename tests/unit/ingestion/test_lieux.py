"""The directory of lieux as it was published before: version 0.1 of the national standard, into today's values.

Labels and their successors: the standard's own description of its versions, and the conversion of the public directory.
"""

from __future__ import annotations

import csv
import io

import pytest

from tests.unit.ingestion.kit import parse_text, write_csv

SOLD = {
    "id": "structure-1", "pivot": "43493312300029", "nom": "Anonymal", "commune": "Reims", "code_postal": "51100",
    "code_insee": "51454", "adresse": "12 BIS RUE DE LECLERCQ", "cle_ban": "51454_3079_00001",
    "typologie": "TIERS_LIEUX;ASSO", "telephone": "+33180059880", "courriel": "contact@exemple.fr",
    "site_web": "https://exemple.fr/;https://m.exemple.fr/", "horaires": "Mo-Fr 09:00-12:00; Sa 08:30-12:00",
    "date_maj": "2022-06-02",
    "services": "Devenir autonome dans les démarches administratives;Accompagner les démarches de santé;"
                "Prendre en main un ordinateur;S’équiper en matériel informatique",
    "publics_accueillis": "Familles/enfants;Adultes;Déficience visuelle;Handicaps psychiques : troubles psychiatriques "
                          "donnant lieu à des atteintes comportementales;Seniors (+ 65 ans)",
    "conditions_acces": "Payant : L'accès au lieu et/ou à ses services est payant;Accepte le Pass numérique : Il est "
                        "possible d'utiliser un Pass numérique pour accéder au lieu",
    "labels_nationaux": "France Services;CNFS;Fabriques de Territoire;APTIC",
    "labels_autres": "SudLabs;Nièvre médiation numérique",
    "modalites_accompagnement": "Seul : j'ai accès à du matériel et une connexion;A ma place : une personne habilitée "
                                "fait les démarches à ma place",
    "accessibilite": "https://acceslibre.beta.gouv.fr/app/exemple",
}  # fmt: skip
TODAY_S = {
    "typologie": "TIERS_LIEUX|ASSO",
    "courriels": "contact@exemple.fr",
    "site_web": "https://exemple.fr/|https://m.exemple.fr/",
    "horaires": "Mo-Fr 09:00-12:00; Sa 08:30-12:00",
    "services": "Aide aux démarches administratives|Maîtrise des outils numériques du quotidien|"
                "Acquisition de matériel informatique à prix solidaire",
    "publics_specifiquement_adresses": "Familles et/ou enfants|Seniors",
    "prise_en_charge_specifique": "Déficience visuelle|Handicaps mentaux",
    "frais_a_charge": "Payant|Gratuit sous condition",
    "dispositif_programmes_nationaux": "France Services|Conseillers numériques|APTIC",
    "formations_labels": "Fabriques de Territoire",
    "autres_formations_labels": "SudLabs|Nièvre médiation numérique",
    "modalites_accompagnement": "En autonomie|Accompagnement individuel",
    "fiche_acces_libre": "https://acceslibre.beta.gouv.fr/app/exemple",
}  # fmt: skip


def write(row: dict[str, str], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([row, row.values()])
    return text.getvalue()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_of_version_0_1_is_read_into_today_s_values(separator: str) -> None:
    parsed = parse_text(write(SOLD, separator))
    assert (parsed.accepted, parsed.issues.height) == (1, 0)
    assert {name: parsed.rows[name][0] for name in TODAY_S} == TODAY_S


def test_a_list_emptied_of_words_without_successor_is_no_bad_value() -> None:
    parsed = parse_text(write(SOLD | {"publics_accueillis": "Adultes"}))
    assert parsed.issues.is_empty()
    assert parsed.rows.select("publics_specifiquement_adresses", "prise_en_charge_specifique").row(0) == (None, None)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Jeunes|Femmes", "Jeunes|Femmes"),
        ("Jeunes | Femmes", "Jeunes|Femmes"),
        ("jeunes (16-26 ans)", "Jeunes"),
        ("Un mot de demain|Seniors", "Un mot de demain|Seniors"),
        ("Jeunes;Femmes|Seniors", "Jeunes|Femmes|Seniors"),
        ("Jeunes|Un mot ; deux", "Jeunes|Un mot ; deux"),
        ("Un mot ; un autre|encore un", "Un mot ; un autre|encore un"),
        ("Jeunes|NULL|-|N/A|Femmes", "Jeunes|Femmes"),
        ("null|Nulle part", "Nulle part"),
    ],
)
def test_today_s_lists_and_unknown_words_stay(written: str, kept: str) -> None:
    """Exports §1, lists: `|`, and `;` beside it where a part is a known label; a word for nothing is no item (§2)."""
    parsed = parse_text(
        write_csv("lieux", {})
        .replace("courriels", "publics_specifiquement_adresses")
        .replace("contact@exemple.fr", f'"{written}"')
    )
    assert parsed.rows["publics_specifiquement_adresses"].to_list() == [kept]


@pytest.mark.parametrize("zeros", ["00000000000000", "000000000", "0", "000 000 000 00000"])
def test_a_pivot_of_zeros_alone_is_a_bad_value(zeros: str) -> None:
    """Exports §2: nobody's SIRET."""
    parsed = parse_text(write_csv("lieux", {"pivot": zeros}))
    assert parsed.rejected.select("column_name", "reason").rows() == [("pivot", "invalid_value")]
    assert parse_text(write_csv("lieux", {"pivot": "W751234567"})).accepted == 1
