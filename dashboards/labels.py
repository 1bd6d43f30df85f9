"""The French words of the codes found in the marts. A code without a word is shown as it is, never hidden.

Does not live here: numbers and dates (format_fr.py), the indicators' labels (marts.indicator).
"""

from __future__ import annotations

STATUS = {
    "in_stock": "En stock",
    "with_prescriber": "Chez le prescripteur",
    "prescribed": "Prescrit, non utilisé",
    "used": "Utilisé",
    "expired": "Expiré",
    "cancelled": "Annulé, perdu, volé ou retourné",
}
NATURE = {
    "engagement": "Engagement",
    "mandatement": "Mandatement",
    "avoir": "Avoir reçu",
    "recette_etat": "Recette : État",
    "recette_commune": "Recette : communes",
}
CATEGORY = {
    "valeur_faciale": "Valeur faciale des pass",
    "frais_emission": "Frais d'émission",
    "mandat_gestion": "Mandat de gestion",
    "accompagnement": "Accompagnement",
    "autre": "Autre",
}
DIMENSION = {
    "age_band": "Âge",
    "gender": "Genre",
    "situation": "Situation",
    "public_pic": "Public éloigné de l'emploi (PIC)",
    "residence_qpv": "Habitant d'un quartier prioritaire (QPV)",
}
ANSWER = {
    "moins_18": "Moins de 18 ans",
    "18_24": "18 à 24 ans",
    "25_39": "25 à 39 ans",
    "40_59": "40 à 59 ans",
    "60_69": "60 à 69 ans",
    "70_plus": "70 ans et plus",
    "femme": "Femme",
    "homme": "Homme",
    "demandeur_emploi": "En recherche d'emploi",
    "en_emploi": "En emploi",
    "etudiant": "Étudiant",
    "retraite": "Retraité",
    "sans_activite": "Sans activité",
    "oui": "Oui",
    "non": "Non",
    "autre": "Autre",
    "nsp": "Ne sait pas",
    "non_communique": "Non communiqué",
    "non_renseigne": "Non renseigné",
}
#: Answers that say nothing of the person.
UNANSWERED = ("non_renseigne", "non_communique", "nsp")
DATASET = {
    "emissions": "Émissions de carnets",
    "prescriptions": "Prescriptions",
    "utilisations": "Utilisations",
    "lieux": "Annuaire des lieux",
    "services": "Catalogue des services",
    "budget": "Budget",
}
OUTCOME = {"loaded": "Chargé", "duplicate": "Doublon", "rejected": "Rejeté"}
CHECK_STATUS = {"ok": "Réussi", "ko": "En défaut", "erreur": "Non évalué"}
BUILD_STATUS = {"published": "Publié", "refused": "Refusé"}
REASON = {
    "missing_key": "Clé absente",
    "missing_value": "Valeur obligatoire absente",
    "invalid_value": "Valeur invalide",
    "wrong_field_count": "Nombre de colonnes faux",
    "invalid_check_digits": "Clé de contrôle fausse",
}
PARTICIPATION = {"atteste": "Attesté", "exemple": "Exemple"}
ALL = STATUS | NATURE | CATEGORY | DIMENSION | ANSWER | DATASET | OUTCOME | CHECK_STATUS | BUILD_STATUS | REASON


def word(code: str | None) -> str:
    """The French word of a code, « — » for none."""
    return "—" if code is None else ALL.get(code, code)


def ami(value: int | None) -> str:
    """« AMI 1 » (first call for projects), or outside the programme."""
    return "hors programme" if value is None else f"AMI {value}"
