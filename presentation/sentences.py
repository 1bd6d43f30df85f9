"""The sentences and words that several pages, documents, mails or commands say, each written once.

Does not live here: points of attention (attention/), projections (outlook.py), the age of the data (freshness.py), a
sentence that one place alone says (that place).
"""

from __future__ import annotations

DEMO_TITLE = "Données de démonstration"
DEMO = f"{DEMO_TITLE} : ces chiffres sont fabriqués et n'ont aucune valeur."
#: What a figure covers: every figure says which.
PERIOD, START, STATE, MONTH = "sur la période", "depuis le début", "à la date des données", "du mois"
#: What « s » means in a document.
SECRET = "« s » : secret statistique (effectif de personnes sous le seuil, ou case qui permettrait de le retrouver)."
#: How the mandate's account adds up, in passes and in face value.
ACCOUNT = "Ouverture + émis − utilisés − expirés − annulés = clôture"
USES_ONCE = "Chaque utilisation est comptée une fois, à sa date, dans le territoire de la prescription."
PEOPLE_ONCE = (
    "Une personne compte une fois, au mois de sa première prescription (équipée) ou de sa première utilisation "
    "(formée), dans le territoire de sa première prescription : les mois et les territoires s'additionnent."
)
HOURS_ONCE = "Les heures sont des heures-personnes : une présence compte une fois, quel que soit le nombre de pass."
#: What the licence of a map asks for.
MAP_SOURCE = "Fond de carte : IGN ADMIN EXPRESS, Insee COG – Licence Ouverte 2.0"
