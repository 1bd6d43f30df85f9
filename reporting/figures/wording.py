"""French words and numbers shared by the documents: labels of answers and measures, dates, amounts, banners.

Does not live here: the definitions of indicators (marts.indicator), sentences of one document.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from reporting.figures.publication import Publication

NB = "\u00a0"
DEMO = "Données de démonstration : ces chiffres sont fabriqués et n'ont aucune valeur."
SECRET = "« s » : secret statistique (effectif de personnes sous le seuil, ou case qui permettrait de le retrouver)."

DIMENSIONS = {
    "age_band": "Âge à la prescription",
    "gender": "Genre",
    "situation": "Situation",
    "public_pic": "Public PIC (éloigné de l'emploi)",
    "residence_qpv": "Habitant d'un QPV",
}
ANSWERS = {
    "moins_18": "Moins de 18 ans",
    "18_24": "18 à 24 ans",
    "25_39": "25 à 39 ans",
    "40_59": "40 à 59 ans",
    "60_69": "60 à 69 ans",
    "70_plus": "70 ans et plus",
    "moins_25": "Moins de 25 ans",
    "25_59": "25 à 59 ans",
    "60_plus": "60 ans et plus",
    "femme": "Femmes",
    "homme": "Hommes",
    "demandeur_emploi": "Demandeurs d'emploi",
    "en_emploi": "En emploi",
    "etudiant": "Étudiants",
    "retraite": "Retraités",
    "sans_activite": "Sans activité",
    "autre": "Autre",
    "oui": "Oui",
    "non": "Non",
    "nsp": "Ne sait pas",
    "non_communique": "Non communiqué",
    "non_renseigne": "Non renseigné",
    "autres_reponses": "Autres réponses et non renseigné",
}
DATASETS = {
    "budget": "Budget",
    "emissions": "Émissions",
    "lieux": "Lieux",
    "prescriptions": "Prescriptions",
    "services": "Services",
    "utilisations": "Utilisations",
    "inconnu": "Non reconnu",
}
EXCLUSIONS = {
    "rejected": "Rejetée par l'opérateur",
    "cancelled": "Annulée",
    "unknown_pass": "Pass inconnu (dans aucun carnet émis)",
    "after_as_of": "Postérieure à la date des données",
    "duplicate_use": "Pass déjà utilisé auparavant",
}


def whole(value: float | Decimal) -> str:
    """1250 → « 1 250 » (narrow no-break space)."""
    return format_decimal(round(value), format="#,##0", locale="fr_FR")


def decimal(value: float | Decimal, digits: int = 1) -> str:
    """1250.25 → « 1 250,3 »."""
    return format_decimal(value, format="#,##0." + "0" * digits, locale="fr_FR")


def euros(value: float | Decimal) -> str:
    """1250.5 → « 1 250,50 € »."""
    return f"{decimal(value, 2)}{NB}€"


def whole_euros(value: float | Decimal) -> str:
    """1250.5 → « 1 251 € »."""
    return f"{whole(value)}{NB}€"


def percent(value: float, digits: int = 1) -> str:
    """0.5426 → « 54,3 % »."""
    return f"{decimal(100 * value, digits)}{NB}%"


def day(value: date) -> str:
    """« 31 décembre 2023 »; the first of a month is « 1er »."""
    text = format_date(value, "d MMMM y", locale="fr_FR")
    return text.replace("1 ", "1er ", 1) if value.day == 1 else text


def month(value: date) -> str:
    """« octobre 2022 »."""
    return format_date(value, "LLLL y", locale="fr_FR")


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def span(publication: Publication) -> str:
    """« du 1er octobre au 31 décembre 2022 »."""
    period = publication.period
    end = min(period.end, publication.source.version.as_of)
    return f"du {day(period.start)} au {day(end)}"


def alert(publication: Publication) -> str:
    """What must stand on every page: demonstration data, provisional period. Empty when neither."""
    parts = []
    if publication.source.version.is_demo:
        parts.append(DEMO)
    if publication.is_provisional:
        parts.append(f"Période en cours : chiffres provisoires au {day(publication.source.version.as_of)}.")
    return " ".join(parts)
