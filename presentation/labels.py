"""The French words of the codes found in the published tables: pages, documents and mails use the same ones.

A code without a word is shown as it is, never hidden. Does not live here: numbers and dates (french.py), the
indicators' labels (marts.indicator).
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
#: The first three together, for a reader who is given no more.
USABLE = {"usable": "Encore utilisable"}
SCENARIO = {
    "sans_reemission": "sans réémission",
    "budget_restant": "budget restant réémis",
}
#: Where a letter stands (reporting/quality/outbox.py).
LETTER = {
    "nouveau": "à envoyer",
    "en_cours": "en cours d'envoi",
    "envoye": "envoyé",
    "echec": "non envoyé (nouvel essai possible)",
    "refuse": "adresse refusée",
    "incertain": "envoi incertain",
    "abandonne": "abandonné après plusieurs jours",
    "remplace": "remplacé par un plus récent",
}
#: What came of a decision (marts.decision_outcome).
DECISION_OUTCOME = {
    "to_come": "à venir",
    "noted": "notée",
    "pending": "en cours",
    "met": "effet atteint",
    "missed": "effet non atteint",
}
#: Where a participating territory stands (marts.territory_state).
TERRITORY_STATE = {
    "active": "Actif",
    "quiet": "Inactif",
    "exhausted": "Épuisé",
    "never": "Jamais commencé",
}
NATURE = {
    "engagement": "Engagement",
    "mandatement": "Mandatement",
    "avoir": "Avoir reçu",
    "recette_etat": "Recette : État",
    "recette_commune": "Recette : communes",
    "recouvrement_lieu": "Recouvrement sur un lieu",
}
CATEGORY = {
    "valeur_faciale": "Valeur faciale des pass",
    "frais_emission": "Frais d'émission",
    "mandat_gestion": "Mandat de gestion",
    "accompagnement": "Accompagnement",
    "autre": "Autre",
}
#: What a line did to a figure between two versions (warehouse/published/diff.py).
LINE_CHANGE = {
    "added": "ligne en plus",
    "corrected": "ligne qui corrige",
    "removed": "ligne en moins",
    "changed": "ligne comptée autrement",
}
DIMENSION = {
    "age_band": "Âge à la prescription",
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
    # Wider bands and groups, where the documents must say less (reporting/figures/collect.py)
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
    "oui": "Oui",
    "non": "Non",
    "autre": "Autre",
    "nsp": "Ne sait pas",
    "non_communique": "Non communiqué",
    "non_renseigne": "Non renseigné",
    "autres_reponses": "Autres réponses et non renseigné",
}
#: Answers that say nothing of the person.
UNANSWERED = ("non_renseigne", "non_communique", "nsp")
DATASET = {
    "emissions": "Émissions de carnets",
    "prescriptions": "Prescriptions",
    "utilisations": "Utilisations de pass",
    "lieux": "Annuaire des lieux",
    "services": "Catalogue des services",
    "budget": "Écritures budgétaires",
    "inconnu": "Non reconnu",
}
OUTCOME = {"loaded": "Chargé", "duplicate": "Doublon", "rejected": "Rejeté"}
CHECK_STATUS = {"ok": "Réussi", "ko": "En défaut", "erreur": "Non évalué"}
BUILD_STATUS = {"published": "Publié", "refused": "Refusé"}
EXCLUSION = {
    "rejected": "Rejetée par l'opérateur",
    "cancelled": "Annulée",
    "unknown_pass": "Pass inconnu (dans aucun carnet émis)",
    "after_as_of": "Postérieure à la date des données",
    "duplicate_use": "Pass déjà utilisé auparavant",
}
#: What is odd in a line that counts.
ANOMALY = {
    "before_prescription": "Utilisé avant la prescription",
    "no_prescription": "Carnet sans prescription",
    "within_tolerance": "Utilisé dans le délai de tolérance",
    "after_tolerance": "Utilisé après le délai de tolérance",
    "carnet_cancelled": "Carnet annulé ou retourné",
    "carnet_lost_or_stolen": "Carnet perdu ou volé",
    "lieu_not_referenced": "Lieu non référencé ce jour-là",
    "amount_not_face_value": "Montant différent de la valeur du pass",
    "conflicting_duration": "Durées contradictoires",
    "future_date": "Date postérieure au fichier",
    "other_territory": "Lieu hors des territoires du programme",
}
#: Why an accepted line does not count (proof.line) or is absorbed (quality.absorbed_line): a clause about the line.
LINE_REASON = {
    "older_version": "une version plus récente de la même ligne a été livrée, et c'est elle qui fait foi",
    "after_as_of": "elle est postérieure à la date des données",
    "rejected": "elle est rejetée par l'opérateur (statut « rejetee »)",
    "cancelled": "elle est annulée (statut « annulee »)",
    "unknown_pass": "son pass n'est dans aucun carnet émis",
    "duplicate_use": "son pass avait déjà été utilisé, et seule la première utilisation d'un pass compte",
    "lost_carnet": "une prescription plus récente du même carnet en est titulaire",
    "unknown_carnet": "son carnet n'est pas émis à la date des données",
    "passes_of_another": "tous les pass de son carnet sont aussi ceux d'un carnet émis avant lui",
    "describes": "elle décrit un lieu ou un service, et n'est additionnée dans aucun chiffre",
    "described_by_another": "une autre ligne de l'annuaire, du même SIRET, décrit ce lieu",
    "copy": "toutes ses colonnes sont égales à celles d'une ligne précédente du même fichier",
    "part": "elle est réunie, avec les autres pass du carnet, en une seule ligne",
}
#: What a line causes (proof.contribution), where no measure says it.
EVENT = {
    "counter_payment": "Contre-paiement fait au lieu",
    "receivable": "Trop-perçu à rendre par le lieu",
    "recovery": "Trop-perçu rendu par le lieu",
    "budget": "Écriture budgétaire",
    "usable": "Pass encore utilisables",
}
#: Why a file was refused whole (ingestion/receipt.py).
FILE_REASON = {
    "empty_file": "Fichier vide",
    "unreadable": "Fichier illisible",
    "unknown_layout": "Export inconnu",
    "missing_columns": "Colonnes obligatoires absentes",
    "missing_extract_date": "Date d'extraction absente du nom",
    "future_extract_date": "Date d'extraction dans le futur",
}
REASON = {
    "missing_key": "Clé absente",
    "missing_value": "Valeur obligatoire absente",
    "invalid_value": "Valeur invalide",
    "wrong_field_count": "Nombre de colonnes faux",
    "invalid_check_digits": "Clé de contrôle fausse",
    "null_word": "Mot qui veut dire « rien »",
    "error_cell": "Erreur d'Excel",
    "uncalculated_formula": "Formule non calculée",
    "damaged_text": "Texte abîmé",
    "personal_text_masked": "Texte masqué (donnée personnelle)",
}
RECEIVABLE = {
    "utilisation_annulee": "Utilisation annulée",
    "utilisation_rejetee": "Utilisation rejetée",
    "double_utilisation": "Pass déjà utilisé",
    "pass_inconnu": "Pass inconnu",
    "utilisation_a_venir": "Utilisation postérieure à la date des données",
    "paiement_efface": "Paiement effacé de la ligne",
    "paiement_remplace": "Autre paiement (lieu, référence ou jour)",
    "montant_corrige": "Montant corrigé à la baisse",
}
#: The same causes, as a clause said to the lieu that has to give the money back.
RECEIVABLE_BECAUSE = {
    "utilisation_annulee": "l'utilisation a été annulée",
    "utilisation_rejetee": "l'utilisation a été rejetée",
    "double_utilisation": "le pass avait déjà été utilisé",
    "pass_inconnu": "le pass n'est dans aucun carnet émis",
    "utilisation_a_venir": "l'utilisation est postérieure à la date des données",
    "paiement_efface": "la ligne corrigée ne porte plus ce paiement",
    "paiement_remplace": "la ligne corrigée porte un autre paiement (lieu, référence ou jour)",
    "montant_corrige": "le montant de la ligne a été corrigé à la baisse",
}
PARTICIPATION = {"atteste": "Attesté", "exemple": "Exemple"}
#: Units of the dictionary that are no word of the readers' own.
UNIT = {"ratio": "part, en %"}
ALL = (
    STATUS
    | TERRITORY_STATE
    | NATURE
    | CATEGORY
    | DIMENSION
    | ANSWER
    | DATASET
    | OUTCOME
    | CHECK_STATUS
    | BUILD_STATUS
    | REASON
    | FILE_REASON
)


def word(code: str | None) -> str:
    """The French word of a code, « — » for none."""
    return "—" if code is None else ALL.get(code, code)


def ami(value: int | None) -> str:
    """« AMI 1 » (first call for projects), or outside the programme."""
    return "hors programme" if value is None else f"AMI {value}"


def ranks(words: dict[str, str]) -> dict[str, int]:
    """The natural order of a family of codes: ages rising, what is unknown last."""
    return {code: rank for rank, code in enumerate(words)}


def in_sentence(label: str) -> str:
    """A label inside a sentence: « Écritures budgétaires » reads « écritures budgétaires »."""
    return label[:1].lower() + label[1:]


def alone(label: str) -> str:
    """The label of an indicator where no total comes before it: « dont recettes de l'État » reads « Recettes de
    l'État »."""
    return capital(label.removeprefix("dont "))


def capital(text: str) -> str:
    """A text that opens a sentence: « aucune écriture » reads « Aucune écriture »."""
    return text[:1].upper() + text[1:]
