"""Checks of core.fct_redemption against the other exports: passes, lieux, prescriptions, amounts, dates.

Does not live here: whether uses are plausible (lieu_behaviour, fct_attendance).
"""

from __future__ import annotations

from data_quality.expectations import LineCheck
from data_quality.profiles import SETTLED_DAYS, uses_by_lieu, uses_by_prescriber

#: A lieu is paid the month after; four months later something is stuck.
_UNPAID_DAYS = 120

#: The directory comes once a quarter: a lieu that opened since is not missing yet.
_DIRECTORY_KNOWS = (
    "line.redeemed_on <= (select max(extract_date) from quality.delivered_file"
    " where outcome = 'loaded' and dataset = 'lieux')"
)


def _flag(anomaly: str) -> str:
    return f"list_contains(line.anomalies, '{anomaly}')"


CHECKS = [
    LineCheck(
        code="PN-421",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Chaque pass utilisé a été émis.",
        expected="aucune utilisation d'un pass inconnu des émissions",
        why="Un pass inconnu n'est pas compté : une livraison d'émissions manque, ou le numéro est faux.",
        mend="Vérifiez le numéro de ces pass ; s'ils existent, déposez l'export des émissions qui les contient.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu("line.exclusion_reason = 'unknown_pass'", "pass inconnus des émissions"),
    ),
    LineCheck(
        code="PN-422",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Aucun pass n'a deux utilisations en vigueur, une fois les lignes réglées.",
        expected=f"aucune deuxième utilisation de plus de {SETTLED_DAYS} jours",
        why="Un double scan s'annule dans les deux mois ; au-delà, le même pass est payé deux fois.",
        mend="Annulez (statut annulee) l'utilisation en trop, et récupérez son remboursement s'il a eu lieu.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            f"line.exclusion_reason = 'duplicate_use' and line.redeemed_on < getvariable('as_of') - {SETTLED_DAYS}",
            "pass déjà utilisés ailleurs ou plus tôt",
        ),
    ),
    LineCheck(
        code="PN-423",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Les pass sont utilisés dans des lieux référencés à cette date.",
        expected="aucune utilisation dans un lieu absent du dernier annuaire livré, ou hors de ses dates",
        why="Un lieu non référencé n'a pas à être payé : l'annuaire est en retard, ou le SIRET est faux.",
        mend="Faites référencer le lieu par #APTIC, ou corrigez le SIRET ou les dates de référencement.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            f"{_flag('lieu_not_referenced')} and {_DIRECTORY_KNOWS}", "pass utilisés hors référencement"
        ),
    ),
    LineCheck(
        code="PN-424",
        table_name="fct_redemption",
        owner="prescripteur",
        sentence="Chaque pass utilisé appartient à un carnet prescrit.",
        expected="aucune utilisation d'un carnet sans prescription en vigueur",
        why="Sans prescription, la personne est comptée anonyme et son public reste inconnu (convention avec l'État).",
        mend="Saisissez la prescription de ces carnets (ou son annulation par erreur), et redéposez l'export.",
        unit="prescripteur (par fichier)",
        profile=uses_by_prescriber(_flag("no_prescription"), "pass utilisés sans prescription"),
    ),
    LineCheck(
        code="PN-425",
        table_name="fct_redemption",
        owner="prescripteur",
        sentence="Aucun pass n'est utilisé avant d'être prescrit.",
        expected="aucune utilisation antérieure à la prescription",
        why="La prescription a été saisie après coup, ou pour une autre personne : sa date est à corriger.",
        mend="Corrigez la date de prescription, ou le numéro du carnet prescrit.",
        unit="prescripteur (par fichier)",
        profile=uses_by_prescriber(_flag("before_prescription"), "pass utilisés avant leur prescription"),
    ),
    LineCheck(
        code="PN-426",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Aucun pass n'est utilisé après la fin de sa validité, tolérance comprise.",
        expected="aucune utilisation après la fin de validité et sa tolérance (réglage du programme)",
        why="Un pass périmé est un avoir dû à la Métropole : l'accepter, c'est le payer deux fois.",
        mend="Refusez ces pass : demandez l'annulation de l'utilisation, ou justifiez la prolongation.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(_flag("after_tolerance"), "pass utilisés après la tolérance"),
    ),
    LineCheck(
        code="PN-427",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Aucun pass d'un carnet annulé, retourné, perdu ou volé n'est utilisé.",
        expected="aucune utilisation après le retrait du carnet",
        why="Un carnet retiré devait être bloqué : son utilisation est une fraude possible ou un statut faux.",
        mend="Vérifiez le statut du carnet ; s'il est juste, rejetez ces utilisations et signalez-les à la Métropole.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            f"({_flag('carnet_cancelled')} or {_flag('carnet_lost_or_stolen')})", "pass de carnets retirés"
        ),
    ),
    LineCheck(
        code="PN-428",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Aucun pass n'est payé plus que sa valeur faciale.",
        expected="montant au plus égal à la valeur faciale",
        why="Le trop-payé est dû à la Métropole dès le premier euro.",
        mend="Corrigez le montant, et récupérez le trop-payé s'il a été remboursé.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            "line.is_counted and line.amount_eur > line.face_value_eur", "pass payés plus que leur valeur"
        ),
    ),
    LineCheck(
        code="PN-429",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Aucun pass n'est payé moins que sa valeur faciale.",
        expected="montant au moins égal à la valeur faciale",
        why="Le lieu est lésé, ou un autre tarif a été convenu : il faut le savoir.",
        mend="Corrigez le montant et versez le complément au lieu, ou donnez la raison de ce tarif.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            "line.is_counted and line.amount_eur < line.face_value_eur", "pass payés moins que leur valeur"
        ),
    ),
    LineCheck(
        code="PN-430",
        table_name="fct_redemption",
        owner="lieu",
        sentence="Aucune utilisation n'est datée du futur ou d'avant le programme.",
        expected="date entre la signature de l'accord-cadre et l'extraction du fichier",
        why="Une date impossible range des heures dans une année où elles n'ont pas eu lieu.",
        mend="Corrigez la date de ces utilisations à la source et redéposez l'export.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            "(line.redeemed_on > file.extract_date or line.redeemed_on > getvariable('as_of')"
            " or line.redeemed_on < getvariable('agreement_signed_on'))",
            "pass à une date impossible",
        ),
    ),
    LineCheck(
        code="PN-431",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Les pass utilisés sont contre-payés aux lieux dans les quatre mois.",
        expected=f"aucune utilisation de plus de {_UNPAID_DAYS} jours ni remboursée, ni rejetée, ni annulée",
        why="Le contre-paiement est mensuel : quatre mois laissent le temps d'une réclamation.",
        mend="Remboursez ces pass, ou dites leur sort (statut rejetee ou annulee), puis redéposez l'export.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            "line.is_counted and line.source_status in ('enregistree', 'validee')"
            f" and line.redeemed_on < getvariable('as_of') - {_UNPAID_DAYS}",
            "pass en attente de contre-paiement",
        ),
    ),
    LineCheck(
        code="PN-432",
        table_name="fct_redemption",
        owner="#APTIC",
        sentence="Chaque contre-paiement a sa date et sa référence.",
        expected="date et référence sur toute ligne remboursée",
        why="Sans elles, le compte annuel du mandat (D. 1611-25) ne se justifie pas pièce par pièce.",
        mend="Complétez la date et la référence du remboursement et redéposez l'export.",
        unit="lieu (par fichier)",
        profile=uses_by_lieu(
            "line.is_counted and line.source_status = 'remboursee'"
            " and (line.reimbursed_on is null or line.reimbursement_reference is null)",
            "pass remboursés sans date ou sans référence",
        ),
    ),
]
