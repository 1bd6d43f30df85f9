"""The sentences and words that several pages, documents, mails or commands say, each written once.

Does not live here: points of attention (attention/), projections (outlook.py), the age of the data (freshness.py), a
sentence that one place alone says (that place).
"""

from __future__ import annotations

from collections.abc import Sequence

DEMO_TITLE = "Données de démonstration"
DEMO = f"{DEMO_TITLE} : ces chiffres sont fabriqués et n'ont aucune valeur."
#: What a figure covers: every figure says which.
PERIOD, START, STATE, MONTH = "sur la période", "depuis le début", "à la date des données", "du mois"
#: How a period is written.
PERIOD_FORMS = "2022 (année), 2022-T4 (trimestre) ou 2022-10 (mois)"
#: What « s » means in a document.
SECRET = "« s » : secret statistique (effectif de personnes sous le seuil, ou case qui permettrait de le retrouver)."
#: What a zero says beside « s », and where it is not told.
ZEROS = (
    "Un zéro est diffusé : à côté, « s » vaut donc au moins 1. Sauf pour les mois d'un territoire, dont les mois vides "
    "s'écrivent « s » dès qu'un autre de la même mesure l'est : un mois « s » peut valoir 0."
)
#: How the mandate's account adds up, in passes and in face value.
MOVES = "Ouverture + émis − utilisés − expirés − annulés"
ACCOUNT = f"{MOVES} = clôture"
USES_ONCE = "Chaque utilisation est comptée une fois, à sa date, dans le territoire de la prescription."
PEOPLE_ONCE = (
    "Une personne compte une fois, au mois de sa première prescription (équipée) ou de sa première utilisation "
    "(formée), dans le territoire de sa première prescription : les mois et les territoires s'additionnent."
)
PEOPLE_TWICE = (
    "Une personne aidée par deux commanditaires compte deux fois : leurs pseudonymes ne se comparent pas. Un lieu ou "
    "un territoire commun à plusieurs compte une fois."
)
HOURS_ONCE = "Les heures sont des heures-personnes : une présence compte une fois, quel que soit le nombre de pass."
#: Before the first publication of a home: what a command or a page cannot do yet, and the way out.
NOTHING_PUBLISHED = "Aucune version n'a encore été publiée ici : déposez des fichiers, puis lancez « passnum run »."
#: The way out of a file that is no longer as it was written, and that nothing can make again.
PUT_BACK = "remettez-le depuis une sauvegarde (« passnum restore --only », docs/procedures.md, 10)"
#: Where a disk is full, what to do.
MAKE_ROOM = "Faites de la place (« passnum prune » dit ce qui peut partir), puis relancez la commande."
#: What the command and the asset of that name do.
QUALITY_REPORT = "Le rapport de qualité des données : quoi corriger, qui, où"
#: What the licence of a map asks for.
MAP_SOURCE = "Fond de carte : IGN ADMIN EXPRESS, Insee COG – Licence Ouverte 2.0"


def not_a_period(text: str, forms: Sequence[str]) -> str:
    """« 2O22 » is no period. forms: those that are, of « une année (2022) » on."""
    return f"« {text} » n'est pas une période. Écrivez {', '.join(forms[:-1])} ou {forms[-1]}."


def nothing_new(which: str) -> str:
    """Of the version that a build would make again; `which`: its name, and what is said of it."""
    return (
        f"Rien de nouveau : la version {which}, est faite des mêmes fichiers, des mêmes réglages et des mêmes règles. "
        "Rien n'a été reconstruit ; pour reconstruire quand même, ajoutez --force à la commande."
    )


def refused_run(which: str) -> str:
    """Of the last run, where a blocking check refused it; `which`: its instant, or its name."""
    return f"Le dernier passage ({which}) a été refusé par un contrôle bloquant"


def to_be_filled_in(settings: Sequence[str]) -> str:
    """Of a catalogue, what settings it lacks to be published."""
    return (
        "Le catalogue (dcat.jsonld) n'est pas prêt à être publié : remplissez "
        f"{', '.join(f'« {name} »' for name in settings)} dans programme/diffusion.yaml."
    )
