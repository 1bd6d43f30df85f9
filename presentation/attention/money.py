"""What is said of the money: the budget, the State's share, the credit notes, what is lost.

Does not live here: the figures (dbt), what the mandate's account says of its own (reporting/mandate/).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from presentation.attention.point import HALF_A_EURO, Call, Point
from presentation.french import day_long, euros_round, percent
from programme.config import Programme

#: The measures that only budget entries make: without a row of any, no entry was delivered.
ENTRIES = (
    "budget_committed_eur", "budget_paid_eur", "received_eur", "received_state_eur", "received_communes_eur",
)  # fmt: skip

_BUDGET, _ACCOUNT = "budget", "mandat"
_CLAIM = "Réclamer à l'opérateur les avoirs restant dus"


@dataclass(frozen=True)
class Money:
    """Euros since the start. None: not known to the reader, or withheld.

    is_delivered: whether any budget entry was. due_ratio: the State's share due among its ceiling. received_eur: from
    the State ALONE; to_call_eur: due less received, negative when it paid too much. lost_eur: face value of the passes
    expired or cancelled; credited_eur: credit notes received for them; credit_left_eur: lost less credited.
    """

    is_delivered: bool
    committed_eur: float | None = None
    paid_eur: float | None = None
    due_eur: float | None = None
    due_ratio: float | None = None
    received_eur: float | None = None
    to_call_eur: float | None = None
    lost_eur: float | None = None
    credited_eur: float | None = None
    credit_left_eur: float | None = None


@dataclass(frozen=True)
class Lost:
    """Euros of face value lost (expired or cancelled) and used over a period."""

    lost_eur: float
    used_eur: float


def no_entry(on: date) -> str:
    """Of a budget that nobody delivered."""
    return (
        f"aucune écriture budgétaire n'est livrée au {day_long(on)} : ce qui est engagé, mandaté, reçu et rendu en "
        "avoirs n'est pas connu, et les montants à zéro n'en disent rien."
    )


def left_to_call(to_call_eur: float) -> str:
    """What the State still owes of its share, or has paid too much: « reste à appeler : 3 000 € »."""
    if to_call_eur > -HALF_A_EURO:
        return f"reste à appeler : {euros_round(max(to_call_eur, 0))}"
    return f"l'État a versé {euros_round(-to_call_eur)} de plus que la part due"


def money_points(money: Money, programme: Programme, on: date) -> list[Point]:
    """What is left to commit and to pay, the State's share, the credit notes still to come."""
    if not money.is_delivered:
        asks = "Faire livrer les écritures budgétaires"
        return [Point("Budget", no_entry(on), Call.DECIDE, asks=asks, page=_BUDGET), *_state(money, None, on)]
    return [*_commitments(money, programme, on), *_state(money, money.received_eur, on), *_credit_notes(money)]


def _commitments(money: Money, programme: Programme, on: date) -> list[Point]:
    if money.committed_eur is None or money.paid_eur is None:
        return []
    left, gap = float(programme.budget_eur) - money.committed_eur, money.committed_eur - money.paid_eur
    if left <= -HALF_A_EURO:
        told = f"les engagements dépassent le budget de {euros_round(-left)}."
        asks = "Ramener les engagements dans le budget, ou le relever par délibération"
        return [Point("Budget", told, Call.LIMIT, -left, asks, page=_BUDGET)]
    if left < HALF_A_EURO:
        text = "tout le budget est engagé"
    elif on > programme.agreement_ends_on:
        ended = day_long(programme.agreement_ends_on)
        text = f"{euros_round(left)} n'ont pas été engagés avant le terme de l'accord-cadre ({ended})"
    else:
        text = f"il reste {euros_round(left)} à engager"
    if gap >= HALF_A_EURO:
        text += f" ; {euros_round(gap)} séparent l'engagé du mandaté net des avoirs."
    elif gap <= -HALF_A_EURO:
        text += f" ; le mandaté net des avoirs dépasse l'engagé de {euros_round(-gap)}."
    else:
        text += " ; tout l'engagé est mandaté, net des avoirs."
    return [Point("Budget", text, Call.FOLLOW)]


def _state(money: Money, received: float | None, on: date) -> list[Point]:
    """Due, received from the State, still to call: never compared with what communes paid."""
    due, ratio, left = money.due_eur, money.due_ratio, money.to_call_eur
    if due is None:
        return []
    text = f"{euros_round(due)} dus sur les pass utilisés depuis le début du programme"
    if ratio is not None:
        text += ", le plafond étant atteint" if ratio >= 1 else f", soit {percent(ratio)} du plafond"
    subject = "Part de l'État"
    if received is None or left is None:
        return [Point(subject, f"{text}.", Call.RECORD)]
    if abs(left) >= HALF_A_EURO:
        told = (
            f" : {euros_round(left)} restent à appeler au {day_long(on)}"
            if left > 0
            else f" au {day_long(on)}, {euros_round(-left)} de plus que dû"
        )
        asks = "Appeler la part de l'État qui reste due" if left > 0 else "Rendre à l'État ce qu'il a versé de trop"
        told = f"{text} ; {euros_round(received)} reçus de l'État{told}."
        return [Point(subject, told, Call.DECIDE, abs(left), asks, page=_BUDGET)]
    told = ", et reçus en entier" if due >= HALF_A_EURO else ", rien à appeler"
    return [Point(subject, f"{text}{told}.", Call.RECORD)]


def _credit_notes(money: Money) -> list[Point]:
    """What was lost gives right to credit notes; those already received no longer do."""
    lost, credited, left = money.lost_eur, money.credited_eur, money.credit_left_eur
    if lost is None or lost < HALF_A_EURO:
        return []
    text = f"{euros_round(lost)} de pass expirés ou annulés depuis le début du programme donnent lieu à avoir"
    if credited is None or left is None:
        return [Point("Avoirs", f"{text} (avoirs déjà reçus non déduits).", Call.DECIDE, lost, _CLAIM, page=_ACCOUNT)]
    if left < HALF_A_EURO:
        told = f"les {euros_round(credited)} d'avoirs reçus couvrent les {euros_round(lost)} de pass perdus."
        return [Point("Avoirs", told, Call.RECORD)]
    got = f"{euros_round(credited)} d'avoirs reçus" if credited >= HALF_A_EURO else "aucun avoir reçu"
    told = f"{text} ; {got} : {euros_round(left)} restent à recevoir."
    return [Point("Avoirs", told, Call.DECIDE, left, _CLAIM, page=_ACCOUNT)]


def lost_points(lost: Lost, programme: Programme) -> list[Point]:
    """Passes lost over a period, from the share of what was used that the settings give (lost_passes_share)."""
    if not lost.lost_eur or lost.lost_eur < float(programme.lost_passes_share) * lost.used_eur:
        return []
    gone, used = euros_round(lost.lost_eur), euros_round(lost.used_eur)
    text = f"{gone} de valeur faciale expirée ou annulée, pour {used} utilisés."
    return [Point("Pass perdus sur la période", text, Call.DECIDE, lost.lost_eur)]
