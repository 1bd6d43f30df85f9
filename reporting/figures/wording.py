"""French words shared by the documents, of their publication: spans of time, banners.

Does not live here: numbers, dates, labels of codes, sentences shared (presentation/), the definitions of
indicators (marts.indicator), sentences of one document.
"""

from __future__ import annotations

from presentation.french import day_long
from presentation.sentences import DEMO
from reporting.figures.publication import Publication


def span(publication: Publication) -> str:
    """« du 1er octobre au 31 décembre 2022 »."""
    return f"du {day_long(publication.period.start)} au {day_long(publication.last_day)}"


def alert(publication: Publication) -> str:
    """What must stand on every page: demonstration data, provisional period. Empty when neither."""
    parts = []
    if publication.source.version.is_demo:
        parts.append(DEMO)
    if publication.is_provisional:
        parts.append(f"Période en cours : chiffres provisoires au {day_long(publication.source.version.as_of)}.")
    return " ".join(parts)
