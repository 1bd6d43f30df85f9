"""What an edition says of itself, in the same words whatever the document: in its manifest, in its catalogue.

Does not live here: what only one document says (its own folder), how a catalogue is written (files/catalogue.py).
"""

from __future__ import annotations

from typing import Any

from presentation.sentences import DEMO
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
