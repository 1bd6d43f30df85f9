"""DCAT-AP in JSON-LD: how a catalogue (data.gouv.fr) describes a data set and its files. No data here."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import quote

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
_MEDIA = {
    "csv": "https://www.iana.org/assignments/media-types/text/csv",
    "json": "https://www.iana.org/assignments/media-types/application/json",
    "xlsx": "https://www.iana.org/assignments/media-types/application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "https://www.iana.org/assignments/media-types/text/markdown",
    "pdf": "https://www.iana.org/assignments/media-types/application/pdf",
}


def dataset(
    *,
    identifier: str,
    title: str,
    description: str,
    keywords: list[str],
    start: date | None,
    end: date,
    issued: date,
    version: str,
    files: dict[str, tuple[str, str, int]],
    licence: str | None,
) -> dict[str, Any]:
    """A dcat:Dataset. files: path → (title, sha256, bytes). licence None: for the recipient alone."""
    period: dict[str, Any] = {"@type": "dct:PeriodOfTime", "dcat:endDate": _day(end)}
    if start is not None:
        period["dcat:startDate"] = _day(start)
    content: dict[str, Any] = {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Dataset",
        "dct:identifier": identifier,
        "dct:title": {"@value": title, "@language": "fr"},
        "dct:description": {"@value": description, "@language": "fr"},
        "dct:language": {"@id": "http://publications.europa.eu/resource/authority/language/FRA"},
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": "Métropole du Grand Paris"},
        "dct:issued": _day(issued),
        "dcat:version": version,
        "dct:temporal": period,
        "dct:spatial": {"@id": "http://publications.europa.eu/resource/authority/country/FRA"},
        "dcat:keyword": [{"@value": word, "@language": "fr"} for word in keywords],
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": {"@value": name, "@language": "fr"},
                "dcat:downloadURL": {"@id": quote(path)},
                "dcat:mediaType": {"@id": _MEDIA[path.rsplit(".", 1)[-1]]},
                "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(size)},
                "spdx:checksum": {
                    "@type": "spdx:Checksum",
                    "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                    "spdx:checksumValue": digest,
                },
                **({"dct:license": {"@id": licence}} if licence else {}),
            }
            for path, (name, digest, size) in files.items()
            if path.rsplit(".", 1)[-1] in _MEDIA
        ],
    }
    if licence:
        content["dct:license"] = {"@id": licence}
    else:
        content["dct:accessRights"] = {
            "@id": "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"
        }
    return content


def _day(value: date) -> dict[str, str]:
    return {"@type": "xsd:date", "@value": value.isoformat()}
