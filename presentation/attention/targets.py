"""What is said of the targets: hours and people at the mandate's end, the share of the PIC public.

Does not live here: the words of a projection (presentation/outlook.py), the targets (programme/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from presentation.attention.point import Call, Point
from presentation.french import count, day_long, hours_round, integer, percent
from presentation.labels import in_sentence
from presentation.outlook import RAISE_THE_PACE, Outlook, Verdict, not_projected
from programme.config import Programme

#: An amount of each figure that has a target to reach, with its unit.
AMOUNTS: dict[str, Callable[[float], str]] = {
    "hours": hours_round,
    "people_reached": lambda value: count(value, "personne"),
}
#: One and several of it, in a sentence.
_ONES = {
    "hours": ("heure de formation", "heures de formation"),
    "people_reached": ("personne formée", "personnes formées"),
}
#: The subject of a target that the pace of a period would miss.
TOO_SLOW = "Rythme insuffisant"
_DAYS_OF_A_MONTH = 30.4375
#: Where a decision about a target is tried before it is taken; there, all of the budget left issued again.
_PAGE, _WITH_BUDGET = "scenarios", "scenarios?reemission=100+%25"
_CALLS = {
    Verdict.OUT_OF_REACH: Call.DECIDE,
    Verdict.MISSED: Call.DECIDE,
    Verdict.UNCERTAIN: Call.FOLLOW,
    Verdict.MET: Call.RECORD,
}


@dataclass(frozen=True)
class Pace:
    """What was done over the period, and the months it lasted so far: for a period that has no projection."""

    value: float
    months: float


@dataclass(frozen=True)
class Target:
    """A figure and its target. value None: withheld. `code`: hours or people_reached; `ratio`: of the target, 0 to 1.

    `write`: an amount with its unit, to the precision that its reader may have.
    """

    code: str
    label: str
    value: float | None
    target: float
    ratio: float | None
    outlook: Outlook | None = None
    pace: Pace | None = None
    write: Callable[[float], str] | None = None


def target_points(targets: list[Target], programme: Programme, on: date) -> list[Point]:
    """What becomes of each target; at stake where it is missed: the share of the budget that is short of it."""
    return [point for target in targets for point in _of_target(target, programme, on)]


def _of_target(one: Target, programme: Programme, on: date) -> list[Point]:
    write, budget = one.write or AMOUNTS[one.code], float(programme.budget_eur)
    if one.value is None:
        return [Point(one.label, "leur nombre n'est pas donné (secret statistique).", Call.RECORD)]
    if one.value >= one.target:
        reached = f" ({percent(one.ratio)})" if one.ratio is not None else ""
        return [Point(one.label, f"l'objectif de {write(one.target)} est atteint{reached}.", Call.RECORD)]
    if one.outlook is not None:
        verdict = one.outlook.verdict
        missed = verdict in (Verdict.OUT_OF_REACH, Verdict.MISSED)
        short = (one.target - one.outlook.end["median"]) / one.target if missed else 0.0
        call = Call.FOLLOW if verdict is None else _CALLS[verdict]
        by, told = programme.mandate_ends_on, one.outlook.sentence(write)
        page = _WITH_BUDGET if one.outlook.may_reissue else _PAGE
        return [Point(one.label, told, call, budget * short, one.outlook.asks, by, page)]
    if on >= programme.mandate_ends_on:
        ended = day_long(programme.mandate_ends_on)
        text = f"manqué : {write(one.value)} au {day_long(on)}, pour un objectif de {write(one.target)}"
        short = (one.target - one.value) / one.target
        told = f"{text} ; le mandat a pris fin le {ended}."
        return [Point(one.label, told, Call.DECIDE, budget * short, "Tirer le bilan de l'objectif manqué")]
    if (found := paces(one, programme, on)) is not None:
        return _too_slow(one, found, programme)
    return [Point(one.label, in_sentence(not_projected(on, programme)), Call.FOLLOW)]


def months_between(start: date, end: date) -> float:
    """Months from the end of one day to the end of another."""
    return (end - start).days / _DAYS_OF_A_MONTH


@dataclass(frozen=True)
class Paces:
    """What each month of a period brought, beside what each month left must bring for the target."""

    kept: float
    needed: float

    @property
    def is_enough(self) -> bool:
        """A pace that reads as the one needed is enough: both would be the same number."""
        return round(self.kept) >= round(self.needed)

    def told(self, write: Callable[[float], str], span: str) -> str:
        """Both, in words. `span`: what months are counted, « sur un an »."""
        kept, needed = write(self.kept), write(self.needed)
        return f"{kept} par mois {span} ; il en faut {needed} par mois jusqu'à la fin du mandat"


def paces(one: Target, programme: Programme, on: date) -> Paces | None:
    """Of a target still to reach that has the pace of a period; None where it has none, or is withheld."""
    if one.pace is None or one.value is None:
        return None
    return Paces(one.pace.value / one.pace.months, required_pace(one.value, one.target, programme, on))


def _too_slow(one: Target, found: Paces, programme: Programme) -> list[Point]:
    """Whether the pace of the period, kept up, reaches the target by the mandate's end."""
    if found.is_enough:
        return []
    kept, needed = found.kept, found.needed
    text = (
        f"{count(kept, *_ONES[one.code])} par mois sur la période, quand il en faudrait {integer(needed)} chaque mois "
        f"jusqu'à la fin du mandat ({day_long(programme.mandate_ends_on)}) pour l'objectif de {integer(one.target)}."
    )
    by = programme.mandate_ends_on
    return [Point(TOO_SLOW, text, Call.DECIDE, asks=RAISE_THE_PACE, by=by, page=_PAGE)]


def required_pace(done: float, target: float, programme: Programme, on: date) -> float:
    """What each month left until the mandate's end must bring for the target, in its unit; 0 once it is reached.

    Raises ValueError once the mandate has ended: no month is left.
    """
    if on >= programme.mandate_ends_on:
        raise ValueError("no month is left of a mandate that has ended")
    return max(target - done, 0.0) / months_between(on, programme.mandate_ends_on)


@dataclass(frozen=True)
class Answers:
    """The PIC share of the people equipped who answered. share None: withheld. `answered`: the share of those who did,
    None where it is not told; `equipped`: people, None where it is not told."""

    share: float | None
    answered: float | None = None
    equipped: float | None = None


def pic_points(answers: Answers, programme: Programme) -> list[Point]:
    """The PIC share against the State's floor."""
    subject = "Public PIC"
    if answers.equipped == 0:
        return [Point(subject, "aucune personne n'est encore équipée.", Call.RECORD)]
    if answers.share is None and answers.answered == 0:
        return [Point(subject, "aucune des personnes équipées n'a donné de réponse exploitable.", Call.FOLLOW)]
    if answers.share is None:
        return [Point(subject, "la part du public PIC n'est pas donnée (secret statistique).", Call.RECORD)]
    floor, share = float(programme.pic_share_target), answers.share
    side = "au niveau" if share == floor else "au-dessus" if share > floor else "en dessous"
    # As many decimals as it takes for the share not to read as the floor that it is not.
    places = next((n for n in (1, 2, 3) if share == floor or round(share, n + 2) != round(floor, n + 2)), 4)
    minimum = percent(floor, 0 if round(floor, 2) == floor else 2)
    text = (
        f"{percent(share, places)} des personnes équipées ayant répondu, depuis le début du programme, {side} du "
        f"minimum de {minimum} demandé par l'État"
    )
    silent = "" if answers.answered is None else f" ; {_silent(1 - answers.answered)}"
    if side != "en dessous":
        return [Point(subject, f"{text}{silent}.", Call.RECORD)]
    return [
        Point(
            subject,
            f"{text}{silent}.",
            Call.LIMIT,
            asks="Orienter les prescriptions vers le public PIC",
            page="publics",
        )
    ]


def _silent(share: float) -> str:
    if share <= 0:
        return "toutes ont donné une réponse exploitable"
    if share < 0.0005:
        return f"moins de {percent(0.001)} n'ont pas donné de réponse exploitable"
    return f"{percent(share)} n'ont pas donné de réponse exploitable"
