"""What is expected of each column and setting of the programme's files, in French: the second half of an error message.

Does not live here: the fields, their types and ranges (models.py), the first half (config.py).
"""

from __future__ import annotations

_NUMBER = "Écrivez un nombre entier positif, par exemple 34000."
_EUROS = "Écrivez un montant en euros supérieur à zéro, sans symbole, par exemple 3800000."
_SHARE = "Écrivez un taux entre 0 et 1, par exemple 0.5 pour 50 %."
_DAY = "Écrivez une date entre 2000 et 2100 sous la forme AAAA-MM-JJ, par exemple 2019-12-17."
_MONTHS = "Écrivez un nombre de mois entre 0 et 240."
_CODE = "Écrivez un code Insee de cinq caractères, par exemple 94080."
_TARGET = "Laissez vide ou écrivez un nombre entier positif, par exemple 1000."

_OPTIONAL_DAY = "Laissez vide, ou écrivez la date de la population sous la forme AAAA-MM-JJ, par exemple 2017-01-01."
_OPTIONAL_SOURCE = "Laissez vide, ou écrivez d'où vient la population, par exemple : Insee, populations légales 2017."

#: What is expected, per column or setting: the second half of an error message.
EXPECTED: dict[str, str] = {
    "name": "Écrivez le nom du programme.",
    "budget_eur": _EUROS,
    "hours_target": _NUMBER,
    "people_target": _NUMBER,
    "territories_target": _NUMBER,
    "lieux_target": _NUMBER,
    "state_rate": _SHARE,
    "state_ceiling_eur": _EUROS,
    "pic_share_target": _SHARE,
    "agreement_signed_on": _DAY,
    "agreement_ends_on": _DAY,
    "mandate_months_after": _MONTHS,
    "validity_tolerance_months": _MONTHS,
    "small_count_threshold": _NUMBER,
    "max_rejected_share": _SHARE,
    "retention_months": "Écrivez un nombre de mois entre 1 et 240.",
    "expected_delivery_days": _NUMBER,
    "accepted_deliveries": "Écrivez des identités de fichiers (file_id ou sha256) séparées par des virgules, ou rien.",
    "settle_seconds": "Écrivez un nombre de secondes entre 0 et 3600.",
    "quiet_months": "Écrivez un nombre de mois entre 1 et 240.",
    "low_start_share": _SHARE,
    "low_start_min_carnets": _NUMBER,
    "silent_lieux_share": _SHARE,
    "lost_passes_share": _SHARE,
    "uncounted_share": _SHARE,
    "expiry_alert_days": "Écrivez un nombre de jours entre 1 et 730.",
    "run_expected_hours": _NUMBER,
    "reminder_days": _NUMBER,
    "trust_share_min": _SHARE,
    "trust_share_max": _SHARE,
    "trust_min_trials": _NUMBER,
    "code_insee": _CODE,
    "code_actuel": _CODE,
    "nom": "Écrivez le nom du territoire.",
    "maison": "Écrivez le dossier de données de ce commanditaire, par exemple /srv/passnum/metropole.",
    "structure": "Écrivez le SIRET d'un lieu ou d'un prescripteur (14 chiffres), ou le code Insee d'un territoire (5).",
    "recoit": "Écrivez qualite ou pass-a-sauver ; laissez vide pour les deux.",
    "courriel": "Écrivez une seule adresse électronique, par exemple ccas@ville.example ; une ligne par adresse.",
    "siren": "Écrivez le SIREN du porteur : 9 chiffres, dont le dernier est une clé, par exemple 200054781.",
    "website": "Écrivez une adresse absolue, par exemple https://www.metropolegrandparis.fr.",
    "contact_name": "Écrivez le nom du service à qui écrire, ou rien.",
    "contact_email": "Écrivez une seule adresse électronique, par exemple donnees@metropole.example, ou rien.",
    "base_url": "Écrivez l'adresse absolue du dossier où les éditions sont déposées, ou rien.",
    "agent_name": "Écrivez le nom du mandataire, entre guillemets s'il commence par « # ».",
    "agreement": "Écrivez la référence de l'accord-cadre.",
    "deliberation": "Écrivez la référence de la délibération qui approuve la convention.",
    "agent_siren": "Écrivez le SIREN du mandataire (9 chiffres, dont le dernier est une clé), ou rien.",
    **dict.fromkeys(("agent_representative", "authorising_officer", "accountant"), "Écrivez nom et qualité, ou rien."),
    "agent_address": "Écrivez l'adresse du mandataire, ou rien.",
    "convention_reference": "Écrivez la référence de la convention de mandat, ou rien.",
    **dict.fromkeys(
        ("convention_signed_on", "convention_starts_on", "convention_ends_on"), f"Laissez vide, ou : {_DAY}"
    ),
    "catalog": "Écrivez « host=… dbname=… user=… », sans mot de passe (il se met dans ~/.pgpass, chmod 600), ou rien.",
    "folder": "Écrivez le chemin entier d'un dossier partagé, sans [ ] * ?, par exemple /srv/lac, ou rien.",
    "lake": "Écrivez un nom en minuscules, chiffres et _, par exemple mgp : 40 caractères au plus.",
    "content": "Écrivez « analystes » (sans clé de personne) ou « complet » (l'entrepôt entier).",
    "ami": "Écrivez 1 ou 2 : le numéro de l'appel à manifestation d'intérêt.",
    "date_entree": _DAY,
    "date_effet": _DAY,
    "source": "Écrivez d'où vient l'information, par exemple une délibération.",
    "statut": "Écrivez « atteste » (participation connue) ou « exemple » (à remplacer).",
    "cible_personnes": _TARGET,
    "cible_heures": _TARGET,
    "prise_le": _DAY,
    "decision": "Écrivez la décision, en 500 caractères au plus.",
    "porteur": "Écrivez le service ou la fonction qui en répond.",
    "montant_eur": "Laissez vide ou écrivez un montant en euros, sans symbole, par exemple 120000.",
    "indicateur": "Laissez vide ou écrivez heures, personnes formées, personnes équipées, pass utilisés, valeur "
    "utilisée, budget engagé ou budget mandaté.",
    "attendu": "Laissez vide ou écrivez le total attendu, un nombre entier.",
    "echeance": "Laissez vide ou écrivez une date entre 2000 et 2100 sous la forme AAAA-MM-JJ.",
    "scenario": "Laissez vide ou collez l'adresse de la page Scénarios.",
    "population": "Laissez vide ou écrivez un nombre d'habitants, par exemple 49891.",
    "date_population": _OPTIONAL_DAY,
    "source_population": _OPTIONAL_SOURCE,
    "population_qpv": "Laissez vide (non renseignée) ou écrivez un nombre d'habitants ; 0 sans quartier prioritaire.",
    "date_qpv": _OPTIONAL_DAY,
    "source_qpv": _OPTIONAL_SOURCE,
}
