"""The first screen: three questions of a committee, each answered from the points of attention and the targets.

Nothing is judged here a second time: a status is the projection's verdict, a risk and a decision are the first points
in their order. Does not live here: the points and their order, where it is shown (dashboards/, reporting/).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from presentation.attention.one_territory import Own, Standing, standing_sentence, status
from presentation.attention.point import HALF_A_EURO, Point
from presentation.attention.targets import AMOUNTS, TOO_SLOW, Target, paces
from presentation.french import count, day_long, euros_round
from presentation.labels import in_sentence
from presentation.outlook import Verdict, not_projected
from programme.config import Programme

REACHED, RISK, DECIDE = "Atteindra-t-on les objectifs ?", "Où est le risque ?", "Que décider ?"
#: The first question of the sheet of a territory, whose targets may not be set.
STANDS = "Où en est le territoire ?"
#: Decisions that one screen holds.
_DECISIONS = 3


class Tone(Enum):
    """How an answer is to be taken, said by a word and a sign as well as by a colour."""

    GOOD = "good"
    OPEN = "open"
    BAD = "bad"

    @property
    def sign(self) -> str:
        """Beside the word of a status: neither the colour nor the sign is alone."""
        return {Tone.GOOD: "✓", Tone.OPEN: "?", Tone.BAD: "!"}[self]


@dataclass(frozen=True)
class Step:
    """One thing to do: the words of it, the euros at stake (0: none), the last day, the page where it is worked on."""

    text: str
    euros: float = 0.0
    by: date | None = None
    page: str = ""

    @property
    def note(self) -> str:
        """What is at stake and until when: « 40 €, jusqu'au 31 janvier 2024 »; empty where neither is known."""
        told = [euros_round(self.euros)] if self.euros >= HALF_A_EURO else []
        told += [f"jusqu'au {day_long(self.by)}"] if self.by is not None else []
        return ", ".join(told)


@dataclass(frozen=True)
class Answer:
    """A question, its status in a few words, and the sentence (or steps) that say why."""

    question: str
    status: str
    tone: Tone
    steps: Sequence[Step]


def answers(targets: Sequence[Target], points: Sequence[Point], programme: Programme, on: date) -> list[Answer]:
    """The three answers, in the order of the questions. `points`: in the order of `in_order`."""
    return [_reached(targets, programme, on), _risk(targets, points), _decide(points)]


def territory_answers(
    own: Own, standing: Standing, targets: Sequence[Target], points: Sequence[Point], programme: Programme, on: date
) -> list[Answer]:
    """The answers of the sheet of one territory: where it stands beside the programme and its own targets, where set.

    `points`: in the order of `in_order`, its state among them.
    """
    told = [Step(standing_sentence(standing))]
    told += [Step(f"{target.label} : {_status(target, programme, on)[1]}") for target in targets]
    if not targets:
        told.append(Step("Aucun objectif propre au territoire n'est fixé"))
    active, above = own.state["state"] == "active", standing.beside in ("au-dessus", "égal")
    tone = Tone.BAD if not active else Tone.GOOD if above else Tone.OPEN
    return [Answer(STANDS, status(own, standing), tone, told), _risk(targets, points), _decide(points)]


def _reached(targets: Sequence[Target], programme: Programme, on: date) -> Answer:
    """The worst of the targets gives the status; each says where it stands."""
    statuses = [_status(target, programme, on) for target in targets]
    steps = [Step(f"{target.label} : {told}") for target, (_, told) in zip(targets, statuses, strict=True)]
    found = {status for status, _ in statuses}
    end = programme.mandate_ends_on if on < programme.mandate_ends_on else None
    # The day of all of them is said once, after the last.
    steps = [*steps[:-1], *(replace(last, by=end) for last in steps[-1:])]
    if Verdict.OUT_OF_REACH in found:
        return Answer(REACHED, "Non, hors d'atteinte" if end else "Non", Tone.BAD, steps)
    if Verdict.MISSED in found:
        return Answer(REACHED, "Non, si rien ne change", Tone.BAD, steps)
    if found == {Verdict.MET}:
        is_met = all(target.value is not None and target.value >= target.target for target in targets)
        if any(target.pace is not None for target in targets) and not is_met:
            # A pace says nothing of the passes that will lapse, as a projection does: it is no promise.
            return Answer(REACHED, "Oui, si ce rythme tient", Tone.OPEN, steps)
        return Answer(REACHED, "Oui", Tone.GOOD, steps)
    return Answer(REACHED, "Incertain" if Verdict.UNCERTAIN in found else "Pas encore connu", Tone.OPEN, steps)


def _status(one: Target, programme: Programme, on: date) -> tuple[Verdict | None, str]:
    write = one.write or AMOUNTS[one.code]
    if one.value is None:
        return None, "secret statistique"
    if one.value >= one.target:
        return Verdict.MET, f"objectif de {write(one.target)} atteint"
    if one.outlook is not None:
        return one.outlook.verdict, one.outlook.brief(write)
    if on >= programme.mandate_ends_on:
        return Verdict.OUT_OF_REACH, f"{write(one.value)} pour un objectif de {write(one.target)}, mandat terminé"
    if (pace := paces(one, programme, on)) is not None:
        kept, needed = (AMOUNTS[one.code](value) for value in (pace.kept, pace.needed))
        told = f"{kept} par mois sur la période, pour {needed} nécessaires"
        return (Verdict.MET if pace.is_enough else Verdict.MISSED), told
    return None, in_sentence(not_projected(on, programme)).rstrip(".")


def _risk(targets: Sequence[Target], points: Sequence[Point]) -> Answer:
    """The first point that asks for something and is not a target: those are the first answer's."""
    labels = {TOO_SLOW, *(target.label for target in targets)}
    alerts = [point for point in points if point.is_alert and point.subject not in labels]
    if not alerts:
        return Answer(RISK, "Aucun signalé", Tone.GOOD, [Step("Aucun point d'attention ne demande de décision")])
    first = alerts[0]
    amount = f"{euros_round(first.euros)} en jeu" if first.euros >= HALF_A_EURO else first.subject
    return Answer(RISK, amount, Tone.BAD, [Step(first.brief, by=first.by, page=first.page)])


def _decide(points: Sequence[Point]) -> Answer:
    asked: dict[str, Point] = {}
    for point in points:
        if point.is_alert and point.asks:
            asked.setdefault(point.asks, point)
    if not asked:
        return Answer(DECIDE, "Rien d'urgent", Tone.GOOD, [Step("Poursuivre")])
    steps = [Step(asks, one.euros, one.by, one.page) for asks, one in list(asked.items())[:_DECISIONS]]
    if others := len(asked) - len(steps):
        steps.append(Step(f"{count(others, 'autre', 'autres')}, dans les points d'attention"))
    return Answer(DECIDE, count(len(asked), "décision à prendre", "décisions à prendre"), Tone.OPEN, steps)
