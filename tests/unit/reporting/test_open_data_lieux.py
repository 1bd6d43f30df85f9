"""Lieux in the national standard: what is kept, what is emptied, what is left out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import yaml
from frictionless import Resource, Schema

from reporting.open_data import lieux as lieux_module
from reporting.open_data.lieux import read_directory

ROOT = Path(__file__).parents[3]

LIEU = {
    "directory_id": "L1", "lieu_siret": "99940000500016", "lieu_name": "Médiathèque", "city_name": "Montreuil",
    "postal_code": "93100", "territory_code": "93048", "address": "1 rue de la Paix", "latitude": 48.8,
    "longitude": 2.4, "typologies": "BIB", "services": "Aide aux démarches administratives", "target_audiences": None,
    "fees": "Gratuit", "support_modes": None, "access_modes": "Se présenter|Téléphoner", "website": None,
    "opening_hours": None, "updated_on": date(2022, 1, 1), "is_inferred": False, "referenced_until": None,
}  # fmt: skip


def directory(*changes: dict):
    lieux = pl.DataFrame([{**LIEU, **change} for change in changes], schema_overrides={"referenced_until": pl.Date})
    return read_directory(lieux, date(2023, 12, 31))


def test_the_fields_are_the_standards_in_order():
    frame = directory({}).frame
    assert frame.columns[:7] == ["id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse"]
    assert frame.width == 32


def test_a_value_in_no_list_of_the_standard_is_left_out_alone():
    found = directory({"services": "Aide aux démarches administratives|Pêche à la ligne", "fees": "Cher"})
    assert found.frame["services"].to_list() == ["Aide aux démarches administratives"]
    assert found.frame["frais_a_charge"].to_list() == [None] and found.values_left_out == 2


def test_a_lieu_without_a_required_field_is_left_out_and_counted():
    found = directory({}, {"directory_id": "L2", "postal_code": "931"}, {"directory_id": "L3", "address": " "})
    assert found.frame["id"].to_list() == ["L1"] and found.lieux_left_out == 2


def test_a_lieu_whose_referencing_ended_is_left_out_and_counted():
    """« closed lieux out »: the last day of its referencing is still one on which it takes the pass."""
    found = directory(
        {"referenced_until": date(2023, 12, 31)},
        {"directory_id": "L2", "referenced_until": date(2023, 12, 30)},
        {"directory_id": "L3", "referenced_until": date(2024, 6, 1)},
    )
    assert found.frame["id"].to_list() == ["L1", "L3"] and (found.closed, found.lieux_left_out) == (1, 0)


def test_every_field_that_was_delivered_is_published():
    """« every delivered field of the standard published »: thirty-two fields, each from its column."""
    written = Path(lieux_module.__file__).with_name("standard.yaml").read_text(encoding="utf-8")
    standard = yaml.safe_load(written)
    contract = yaml.safe_load((ROOT / "ingestion" / "contracts" / "lieux.yaml").read_text(encoding="utf-8"))
    delivered = {field["name"] for field in contract["fields"]} - {"date_referencement", "date_fin_referencement"}
    assert {field["nom"] for field in standard["champs"] if field["figure"]} == delivered
    given = {
        "address_complement": "Bâtiment B", "phone": "01 23 45 67 89", "emails": "contact@lieu.example",
        "summary": "Ateliers", "detail": "Ateliers et aide", "directory_source": "Hinaura", "itinerancy": "Fixe",
        "parent_organisation": "55217862900132", "specific_support": "Surdité",
        "national_programmes": "France Services", "labels": "ORDI 3.0|Label du quartier", "other_labels": "Autre",
        "accessibility_page": "https://acceslibre.example/l1", "booking_page": "https://rdv.example",
    }  # fmt: skip
    (row,) = directory(given).frame.to_dicts()
    assert row["telephone"] == "+33123456789" and row["courriels"] == "contact@lieu.example"
    assert (row["itinerance"], row["prise_en_charge_specifique"]) == ("Fixe", "Surdité")
    assert (row["dispositif_programmes_nationaux"], row["formations_labels"]) == ("France Services", "ORDI 3.0")
    assert directory(given).values_left_out == 1
    found = directory(given).unfilled
    assert not {"complement_adresse", "presentation_resume", "presentation_detail", "source", "prise_rdv"} & set(found)


def test_the_fields_that_no_lieu_fills_are_named():
    """« what is left out said »: also where the version is older than the column."""
    found = directory({})
    assert "telephone" in found.unfilled and "nom" not in found.unfilled
    assert all(found.frame[name].is_null().all() for name in found.unfilled)


def test_a_value_not_written_as_the_standard_does_is_left_out_and_counted():
    """The State's library refuses the whole lieu for one of them."""
    wrong = {"phone": "poste 12", "emails": "à l'accueil", "website": "exemple.fr", "booking_page": "par téléphone"}
    found = directory(wrong)
    names = ["telephone", "courriels", "site_web", "prise_rdv"]
    assert found.frame.select(names).row(0) == (None,) * 4 and found.values_left_out == 4
    right = {"emails": "a@b.example|c@d.example", "website": "https://a.example|http://b.example/x"}
    row = directory(right).frame.row(0, named=True)
    assert (row["courriels"], row["site_web"]) == (right["emails"], right["website"])


def test_a_lieu_deduced_from_uses_is_not_of_the_directory():
    assert directory({}, {"directory_id": None, "is_inferred": True}).frame.height == 1


def test_a_name_never_runs_as_a_formula():
    assert directory({"lieu_name": "=HYPERLINK(1)"}).frame["nom"].to_list() == ["'=HYPERLINK(1)"]


def test_the_schema_accepts_what_is_written_and_refuses_another_list():
    found = directory({})
    rows = found.frame.with_columns(pl.col("date_maj").cast(pl.String)).fill_null("").to_dicts()
    schema = Schema.from_descriptor(found.schema)
    assert Resource(data=rows, schema=schema).validate().valid
    wrong = [{**rows[0], "services": "Pêche à la ligne"}]
    assert not Resource(data=wrong, schema=schema).validate().valid
