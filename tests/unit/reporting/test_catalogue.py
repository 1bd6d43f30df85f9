"""The catalogue of an edition (DCAT-AP): what a portal asks for, absolute where the address is set."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from programme.config import load_issuer, load_programme
from programme.models import Issuer
from reporting.files.catalogue import LICENCE, TABLE_SCHEMA, dataset, not_ready

FILLED = load_issuer().model_copy(
    update={"contact_name": "Numérique", "contact_email": "d@mgp.example", "base_url": "https://d.mgp.example/pass/"}
)


def described(issuer: Issuer, licence: str | None = LICENCE, months: int = 3) -> dict[str, Any]:
    return dataset(
        issuer=issuer, folder="anct/2023-T4/edition-1", outlines=load_programme().communes_geojson, identifier="x",
        title="Titre", description="Texte", warning="Démonstration.", start=date(2023, 10, 1), end=date(2023, 12, 31),
        months=months, issued=date(2024, 1, 5), version="1", licence=licence,
        files={"csv/a b.csv": b"a;b\n1;2\n", "x.bin": b"x"},
        conforms_to={"csv/a b.csv": "https://standard.example"},
    )  # fmt: skip


def test_a_portal_finds_who_when_where_what_and_how_often() -> None:
    told = described(FILLED)
    assert told["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:d@mgp.example"}
    assert told["dct:publisher"]["dct:identifier"] == told["dct:spatial"]["dct:identifier"] == "200054781"
    assert [theme["@id"].rsplit("/", 1)[1] for theme in told["dcat:theme"]] == ["SOCI", "EDUC"]
    often = {months: described(FILLED, months=months)["dct:accrualPeriodicity"]["@id"] for months in (1, 3, 12)}
    assert {months: uri.rsplit("/", 1)[1] for months, uri in often.items()} == {
        1: "MONTHLY",
        3: "QUARTERLY",
        12: "ANNUAL",
    }
    assert told["dct:description"]["@value"] == "Démonstration. Texte"
    assert {"pass numérique"} < {word["@value"] for word in told["dcat:keyword"]}
    assert told["dct:license"] == {"@id": LICENCE} and "dct:license" not in described(FILLED, None)


def test_every_address_is_absolute_where_the_folder_s_is_set() -> None:
    told = described(FILLED)
    (one,) = told["dcat:distribution"]
    address = "https://d.mgp.example/pass/anct/2023-T4/edition-1/csv/a%20b.csv"
    assert one["dcat:accessURL"] == one["dcat:downloadURL"] == {"@id": address}
    assert one["dcat:byteSize"]["@value"] == "8"
    assert one["spdx:checksum"]["spdx:checksumValue"] == hashlib.sha256(b"a;b\n1;2\n").hexdigest()
    assert one["dct:conformsTo"] == [{"@id": TABLE_SCHEMA}, {"@id": "https://standard.example"}]
    assert told["@id"] == "https://d.mgp.example/pass/anct/2023-T4/edition-1/"


def test_the_extent_is_the_box_of_the_metropole() -> None:
    """The 150 communes lie between 2.14 and 2.62 degrees east, 48.64 and 49.02 north."""
    corners = described(FILLED)["dct:spatial"]["dcat:bbox"]["@value"].removeprefix("POLYGON((").removesuffix("))")
    points = [tuple(map(float, corner.split())) for corner in corners.split(", ")]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    assert 2.1 < west < 2.2 and 2.55 < east < 2.65 and 48.6 < south < 48.7 and 48.95 < north < 49.05
    assert points[0] == points[-1] and len(points) == 5


def test_what_is_not_set_is_said_and_nothing_is_made_up() -> None:
    bare = load_issuer()
    told = described(bare)
    assert "dcat:contactPoint" not in told and "@id" not in told
    assert "« contact_name », « contact_email », « base_url » dans programme/diffusion.yaml" in not_ready(bare)
    assert not_ready(FILLED) == ""
