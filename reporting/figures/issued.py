"""What an edition says of itself, in the same words whatever the document: in its manifest, its catalogue, its package.

Does not live here: what only one document says (its own folder), how a catalogue or a package is
written (files/).
"""

from __future__ import annotations

from typing import Any

from presentation.sentences import DEMO
from programme.models import Issuer
from reporting.figures.publication import Publication


def manifest_facts(publication: Publication, number: int) -> dict[str, Any]:
    """The period, the number of the edition, the date of its data, and what warns its readers."""
    version, period = publication.source.version, publication.period
    return {
        "periode": {"code": period.code, "debut": period.start.isoformat(), "fin": period.end.isoformat()},
        "edition": number,
        "date_des_donnees": version.as_of.isoformat(),
        "provisoire": publication.is_provisional,
        "demonstration": version.is_demo,
        "avertissement": DEMO if version.is_demo else "",
    }


def catalogue_facts(publication: Publication, number: int) -> dict[str, Any]:
    """The arguments of `catalogue.dataset` that every edition of a period gives alike."""
    version, period = publication.source.version, publication.period
    return {
        "outlines": publication.programme.communes_geojson,
        "start": period.start,
        "end": period.end,
        "months": len(period.months),
        "issued": version.published_at.date(),
        "version": f"{version.build_id} / édition {number}",
        "warning": DEMO if version.is_demo else "",
    }


def package_facts(publication: Publication, document: str, issuer: Issuer, number: int) -> dict[str, Any]:
    """The arguments of `package.package` that every edition of a period gives alike; `document`: its folder."""
    version, period = publication.source.version, publication.period
    return {
        "created": version.published_at.replace(microsecond=0, tzinfo=None).isoformat() + "Z",
        "publisher": issuer.name,
        "own": {
            "document": document,
            "porteur_siren": issuer.siren,
            "porteur": issuer.name,
            "periode": period.code,
            "debut": period.start.isoformat(),
            "fin": period.end.isoformat(),
            "edition": number,
            "editions_remplacees": list(range(1, number)),
            "date_des_donnees": version.as_of.isoformat(),
            "provisoire": publication.is_provisional,
            "demonstration": version.is_demo,
        },
    }
