"""French words shared by the documents: spans of time, banners, what « s » means.

Does not live here: numbers, dates, labels of codes (presentation/), the definitions of
indicators (marts.indicator), sentences of one document.
"""

from __future__ import annotations

from presentation.french import day_long
from reporting.figures.publication import Publication

DEMO = "Données de démonstration : ces chiffres sont fabriqués et n'ont aucune valeur."
#: Every figure of a document says which of the two it is.
ON, SINCE = "sur la période", "depuis le début"
SECRET = "« s » : secret statistique (effectif de personnes sous le seuil, ou case qui permettrait de le retrouver)."


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
