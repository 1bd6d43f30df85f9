"""What the PDF of the account says above its tables. Does not live here: the order of its sections (document.py)."""

from __future__ import annotations

import polars as pl

from presentation.french import count, day_long, euros, integer
from presentation.sentences import MOVES
from reporting.mandate.account import Account

MOVE_HEADS = (
    "Ouverture", "Émis", "Utilisés", "Expirés", "Annulés", "Régul. en plus", "Régul. en moins", "Clôture",
)  # fmt: skip
INTRODUCTION = (
    "Ce compte retrace toutes les opérations du mandat, par nature et sans contraction. Chaque ligne renvoie à ses "
    "pièces (P1, P2…) : le fichier livré et ses lignes ; la dernière section en donne la liste et l'empreinte. Le "
    "classeur joint porte les mêmes tableaux. « Montrez-moi ce paiement » : « passnum why --payment RÉFÉRENCE » "
    "répond, ligne par ligne."
)
IDENTITY = (
    "Ce qui suit vient des réglages du programme, jamais des exports. « Non renseigné » : la ligne reste à compléter "
    "dans le réglage nommé, et l'édition suivante la portera."
)
CHANGED = (
    "Cette édition en remplace une autre. Chaque valeur de ses balances, de sa trésorerie, de ses créances et de ses "
    "opérations qui a bougé est ci-dessous ; la feuille « Ce qui a changé » du classeur dit aussi ses livraisons."
)
OPERATIONS = (
    "Chaque ligne est un total de l'année. Recettes, dépenses, avoirs et créances sont séparés ; rien n'est compensé. "
    "Les écritures de la Métropole hors trésorerie du mandat (engagements, frais, recettes de l'État et des communes) "
    "sont données pour mémoire : l'opérateur ne les encaisse ni ne les paie."
)
TREASURY = "Ouverture + recettes − dépenses − avoirs remboursés, et régularisations, = clôture."
DEVELOPMENT = (
    "Ce qui compose chaque solde de clôture, depuis le début du programme : par lieu, par référence, par bon de "
    "commande ou par nature. Les lignes d'un compte s'additionnent à son solde dans la balance générale. Le mandataire "
    "les certifie en dernière page."
)
CREDIT_NOTES = "Valeur faciale des pass sortis sans utilisation, que l'opérateur rend à la Métropole."
PASSES = f"{MOVES}, et régularisations, = clôture. Dans chaque case : les pass, puis leur valeur faciale."
ENTRIES = "Les écritures délivrées par la Métropole, une par une, montants TTC."
MONTHS = "Le détail des totaux de l'année, par nature et par mois."
PIECES = (
    "Les fichiers livrés que ce compte cite, avec l'empreinte SHA-256 qui les scelle. P0 : le compte arrêté dont la "
    "clôture est l'ouverture de celui-ci."
)


def balance(account: Account) -> str:
    """How the year opens, and that debits are credits."""
    notes = " ".join(filter(None, [account.opening_note, account.closing_note]))
    return (
        f"{notes} Chaque opération est passée au débit d'un compte et au crédit d'un autre : les totaux des débits et "
        "des crédits sont égaux. Débit : ce que l'opérateur détient ou doit recevoir. Crédit : ce qu'il doit honorer, "
        "payer ou rendre. Le compte « Métropole : versements, moins la valeur des pass émis » dit l'avance ou le "
        "retard de ses versements."
    )


def claims(account: Account) -> str:
    """What is known of claims, and what the deliveries do not say."""
    as_of = day_long(account.version.as_of)
    return (
        "Depuis le début du programme, à la clôture. La part de l'État est celle des pages et du bilan (taux et "
        f"plafond du programme), telle qu'elle est connue au {as_of} ; ce que chaque commune doit n'est dans aucun "
        "export. Relances, délais, poursuites et remises ne sont pas livrés : le mandataire les porte à la main."
    )


def gap(account: Account) -> str:
    """Whether the treasury is explained."""
    found = account.reconciliation["Écart"]
    if not found:
        return (
            "La trésorerie s'explique entièrement : ce que l'opérateur détient, et ce que les lieux doivent rendre, "
            "est ce qui reste à utiliser, à contre-payer ou à rembourser."
        )
    return (
        f"La trésorerie présente un écart de {euros(found)} avec ce qui reste à utiliser, à contre-payer ou à "
        "rembourser : les versements de la Métropole ne sont pas égaux à la valeur faciale des pass émis. Il est à "
        "expliquer avant l'approbation du compte ; le développement des soldes le donne par bon de commande."
    )


def regularised(account: Account) -> str:
    """What was learnt of closed years."""
    lines = account.statements["regularisations"].values
    if not lines.height:
        return "Rien n'a été appris, depuis leur arrêté, des exercices antérieurs."
    return (
        f"{count(lines.height, 'ligne')} sur des exercices arrêtés : leurs comptes ne sont pas réécrits, ce qui en est "
        "connu depuis est comptabilisé ici, retraits et ajouts séparés, avec le fichier et la ligne en cause."
    )


def receivables(account: Account) -> str:
    """Why a lieu has to give back what it was paid."""
    if not account.statements["trop_percus"].values.height:
        return "Aucun trop-perçu n'était à recouvrer sur les lieux."
    return (
        "Un contre-paiement fait reste fait. Quand la ligne livrée ne le justifie plus (utilisation annulée ou "
        "rejetée, paiement effacé ou changé), la somme est un trop-perçu que le lieu doit rendre."
    )


def changes(account: Account) -> str:
    """What a rectifying edition replaces."""
    if account.is_comparable and not account.statements["changements"].values.height:
        return "Aucune opération n'a bougé : seul ce qui est dit des parties et de la convention est autre."
    if not account.statements["changements"].values.height:
        return (
            "L'édition rectifiée date d'avant le registre des comptes arrêtés : ses lignes ne peuvent pas être "
            "comparées une à une."
        )
    return (
        "Cette édition remplace la précédente, qui reste conservée. Chaque ligne qui a bougé est ci-dessous, avec le "
        "fichier et la ligne qui la font bouger."
    )


def unpaid(account: Account) -> str:
    """What the lieux still wait for."""
    waiting = account.statements["restes_a_payer"].values
    return (
        f"Pass utilisés et non contre-payés à la clôture : {integer(waiting['passes'].sum())}, dans "
        f"{count(waiting.height, 'lieu', 'lieux')}, pour {euros(waiting['amount_eur'].sum())} de valeur faciale."
    )


def counter_payments(account: Account) -> str:
    """How many payments, to how many lieux."""
    paid = account.statements["contre_paiements"].values
    lieux = paid.select(pl.col("lieu_siret").n_unique()).item()
    return f"{count(paid.height, 'contre-paiement')} à {count(lieux, 'lieu', 'lieux')}, chacun avec sa référence."
