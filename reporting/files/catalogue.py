"""DCAT-AP in JSON-LD: how a catalogue (data.gouv.fr) describes a data set and its files. No data here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from presentation.sentences import to_be_filled_in
from programme.models import Issuer

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
TABLE_SCHEMA = "https://specs.frictionlessdata.io/table-schema/"
_EU = "http://publications.europa.eu/resource/authority/"
_IANA = "https://www.iana.org/assignments/media-types/"
#: Extension → media type, and file type of the European list.
_MEDIA = {
    "csv": ("text/csv", "CSV"),
    "json": ("application/json", "JSON"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    "md": ("text/markdown", "TXT"),
    "pdf": ("application/pdf", "PDF"),
}
#: Months of a period → how often an edition comes.
_FREQUENCY = {1: "MONTHLY", 3: "QUARTERLY", 12: "ANNUAL"}
#: Society, and education: where the catalogue of the European portal files the data of a training programme.
_THEMES = ("SOCI", "EDUC")
_KEYWORDS = ("pass numérique", "inclusion numérique", "médiation numérique")
_WKT = "http://www.opengis.net/ont/geosparql#wktLiteral"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def not_ready(issuer: Issuer) -> str:
    """What keeps a catalogue from being published, and the way out (French); empty where nothing does."""
    return to_be_filled_in(issuer.lacking) if issuer.lacking else ""


def dataset(
    *,
    issuer: Issuer,
    folder: str,
    outlines: Path,
    identifier: str,
    title: str,
    description: str,
    warning: str,
    start: date,
    end: date,
    months: int,
    issued: date,
    version: str,
    files: Mapping[str, bytes],
    licence: str | None,
    conforms_to: dict[str, str] | None = None,
) -> dict[str, Any]:
    """A dcat:Dataset. files: path → content. licence None: for the recipient alone. warning: before the description.

    folder: where the edition stands under the issuer's address (anct/2022-T4/edition-1). outlines: the GeoJSON of the
    communes, whose limits are the spatial extent. months: of the period, which make how often an edition comes.
    conforms_to: path → the standard of that file, besides the Table Schema of every CSV.
    """
    base = f"{issuer.base_url.rstrip('/')}/{folder}/" if issuer.base_url else ""
    return {
        "@context": _CONTEXT,
        **({"@id": base} if base else {}),
        "@type": "dcat:Dataset",
        "dct:identifier": identifier,
        "dct:title": _french(title),
        "dct:description": _french(f"{warning} {description}" if warning else description),
        "dct:language": {"@id": f"{_EU}language/FRA"},
        "dct:publisher": {
            "@type": ["foaf:Agent", "foaf:Organization"],
            "foaf:name": issuer.name,
            "foaf:homepage": {"@id": issuer.website},
            "dct:identifier": issuer.siren,
        },
        **_contact(issuer),
        "dct:issued": _day(issued),
        "dcat:version": version,
        "dct:temporal": {"@type": "dct:PeriodOfTime", "dcat:startDate": _day(start), "dcat:endDate": _day(end)},
        "dct:spatial": {
            "@type": "dct:Location",
            "skos:prefLabel": _french(issuer.name),
            "dct:identifier": issuer.siren,
            "dcat:bbox": {"@type": _WKT, "@value": _box(outlines)},
        },
        "dct:accrualPeriodicity": {"@id": f"{_EU}frequency/{_FREQUENCY[months]}"},
        "dcat:theme": [{"@id": f"{_EU}data-theme/{theme}"} for theme in _THEMES],
        "dct:conformsTo": [{"@id": TABLE_SCHEMA}],
        "dcat:keyword": [_french(word) for word in (*_KEYWORDS, issuer.name)],
        **({"dcat:landingPage": {"@id": base}} if base else {}),
        "dcat:distribution": [
            _distribution(base + quote(path), path, data, licence, (conforms_to or {}).get(path))
            for path, data in files.items()
            if _suffix(path) in _MEDIA
        ],
        **_rights(licence),
    }


def _rights(licence: str | None) -> dict[str, Any]:
    if licence:
        return {"dct:license": {"@id": licence}}
    return {"dct:accessRights": {"@id": f"{_EU}access-right/RESTRICTED"}}


def _contact(issuer: Issuer) -> dict[str, Any]:
    if not issuer.contact_name and not issuer.contact_email:
        return {}
    return {
        "dcat:contactPoint": {
            "@type": "vcard:Organization",
            "vcard:fn": issuer.contact_name or issuer.name,
            "vcard:hasURL": {"@id": issuer.website},
            **({"vcard:hasEmail": {"@id": f"mailto:{issuer.contact_email}"}} if issuer.contact_email else {}),
        }
    }


def _distribution(address: str, path: str, content: bytes, licence: str | None, standard: str | None) -> dict[str, Any]:
    suffix = _suffix(path)
    media, kind = _MEDIA[suffix]
    norms = [norm for norm in (TABLE_SCHEMA if suffix == "csv" else None, standard) if norm]
    return {
        "@type": "dcat:Distribution",
        "dct:title": _french(path),
        "dcat:accessURL": {"@id": address},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": _IANA + media},
        "dct:format": {"@id": f"{_EU}file-type/{kind}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(content))},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": hashlib.sha256(content).hexdigest(),
        },
        **({"dct:conformsTo": [{"@id": norm} for norm in norms]} if norms else {}),
        **({"dct:license": {"@id": licence}} if licence else {}),
    }


def _box(outlines: Path) -> str:
    """The box of every commune, as WKT: longitudes and latitudes in degrees, to a ten-thousandth (some ten metres)."""
    features = json.loads(outlines.read_text(encoding="utf-8"))["features"]
    points = [point for feature in features for point in _points(feature["geometry"]["coordinates"])]
    west, east = (round(choose(x for x, _ in points), 4) for choose in (min, max))
    south, north = (round(choose(y for _, y in points), 4) for choose in (min, max))
    return f"POLYGON(({west} {north}, {east} {north}, {east} {south}, {west} {south}, {west} {north}))"


def _points(coordinates: list[Any]) -> Iterator[tuple[float, float]]:
    """Every point of a geometry, however deep its rings."""
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
    else:
        for part in coordinates:
            yield from _points(part)


def _suffix(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _french(text: str) -> dict[str, str]:
    return {"@value": text, "@language": "fr"}


def _day(value: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": value.isoformat()}
