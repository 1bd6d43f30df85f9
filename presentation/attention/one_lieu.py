"""What a lieu is to be asked: no use for long, a reference that ended, uses that wait or do not count, money owed.

The same thresholds as of all the lieux together (places.py, quality.py). Does not live here: the figures
(marts.lieu_payment, marts.lieu_quality), which of them a reader may be given (dashboards/app_pages/fiche_lieu.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from presentation.attention.point import HALF_A_EURO, Call, Point, in_order
from presentation.french import count, day_long, euros_round, integer, month, percent
from programme.config import Programme

_CALL_IT = "Appeler le lieu"


@dataclass(frozen=True)
class Waiting:
    """Counted uses that are not reimbursed: passes, euros, the day of the oldest."""

    passes: int
    euros: float
    since: date | None


@dataclass(frozen=True)
class Lines:
    """Lines that the lieu delivered: all, and those that do not count, by reason in words, the most first."""

    delivered: int
    uncounted: dict[str, int]


@dataclass(frozen=True)
class OneLieu:
    """A lieu on a day. is_inferred: in no directory; last_month: of its last use (None: never); referenced_until: None
    where its reference has no end. The rest is None for a reader who may not have it."""

    is_inferred: bool
    last_month: date | None
    referenced_until: date | None = None
    is_exhausted: bool = False
    waiting: Waiting | None = None
    lines: Lines | None = None
    to_recover_eur: float | None = None


def lieu_questions(lieu: OneLieu, programme: Programme, on: date, since: date) -> list[Point]:
    """The open questions, in the order of `in_order`; none where there is nothing to ask."""
    found = [
        *_directory(lieu, on),
        *_activity(lieu, since),
        *(_waiting(lieu.waiting, programme, on) if lieu.waiting else ()),
        *(_lines(lieu.lines, programme) if lieu.lines else ()),
        *_receivable(lieu.to_recover_eur),
    ]
    return in_order(found)


def _directory(lieu: OneLieu, on: date) -> list[Point]:
    if lieu.is_inferred:
        text = "son SIRET n'est pas dans l'annuaire livré : est-ce un lieu à référencer, ou une erreur de saisie ?"
        return [Point("Annuaire", text, Call.DECIDE, asks="Faire référencer le lieu, ou corriger le SIRET")]
    ended = lieu.referenced_until
    if ended is None or ended >= on:
        return []
    told = f"son référencement a pris fin le {day_long(ended)}"
    if lieu.last_month is not None and lieu.last_month > ended:
        text = f"{told}, et des pass y sont encore utilisés en {month(lieu.last_month)} : est-il renouvelé ?"
        return [Point("Annuaire", text, Call.DECIDE, asks="Renouveler le référencement, ou refuser ces utilisations")]
    return [Point("Annuaire", f"{told}.", Call.FOLLOW)]


def _activity(lieu: OneLieu, since: date) -> list[Point]:
    if lieu.last_month is not None and lieu.last_month >= since:
        return []
    why = " Son territoire n'a plus aucun pass utilisable, ce qui peut l'expliquer." if lieu.is_exhausted else ""
    if lieu.last_month is None:
        text = f"aucun pass n'y a été utilisé depuis le début du programme : reçoit-il le public ?{why}"
        return [Point("Activité", text, Call.DECIDE, asks=_CALL_IT)]
    text = f"aucun pass utilisé depuis {month(lieu.last_month)} : le lieu s'est-il arrêté, et pourquoi ?{why}"
    return [Point("Activité", text, Call.DECIDE, asks=_CALL_IT)]


def _waiting(waiting: Waiting, programme: Programme, on: date) -> list[Point]:
    """Uses that wait for longer than a delivery takes to come (expected_delivery_days)."""
    notice = timedelta(days=programme.expected_delivery_days)
    if not waiting.passes or waiting.since is None or waiting.since > on - notice:
        return []
    text = (
        f"{count(waiting.passes, 'pass utilisé attend', 'pass utilisés attendent')} leur remboursement "
        f"({euros_round(waiting.euros)}), le plus ancien depuis le {day_long(waiting.since)} : "
        "la demande est-elle faite ?"
    )
    asks = "Faire rembourser les pass qui attendent"
    return [Point("Remboursement", text.replace("attend leur", "attend son"), Call.DECIDE, waiting.euros, asks)]


def _lines(lines: Lines, programme: Programme) -> list[Point]:
    """Lines that do not count, from the share of the settings (uncounted_share)."""
    out = sum(lines.uncounted.values())
    if not out or out < float(programme.uncounted_share) * lines.delivered:
        return []
    reasons = ", ".join(f"{reason} ({integer(number)})" for reason, number in lines.uncounted.items())
    verb = "n'est pas comptée" if out == 1 else "ne sont pas comptées"
    text = f"{count(out, 'ligne livrée', 'lignes livrées')} {verb} ({percent(out / lines.delivered)}) : {reasons}."
    return [Point("Saisie", text, Call.DECIDE, asks="Faire corriger les lignes non comptées")]


def _receivable(euros: float | None) -> list[Point]:
    if euros is None or euros < HALF_A_EURO:
        return []
    text = f"{euros_round(euros)} reçus de trop restent à rendre."
    return [Point("Trop-perçu", text, Call.DECIDE, euros, "Recouvrer le trop-perçu")]
