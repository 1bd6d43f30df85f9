"""What is said of the data's quality beside the figures: the checks of the version, the uses that do not count.

Does not live here: the report that says what to mend (reporting/quality/), the checks (data_quality/).
"""

from __future__ import annotations

from dataclasses import dataclass

from presentation.attention.point import Call, Point
from presentation.french import count, integer, percent
from programme.config import Programme

_SUBJECT = "Qualité"


@dataclass(frozen=True)
class Checks:
    """The checks of a published version: all of them, those that succeeded, and those that could not be made (of the
    warnings, which are all the others). `see`: where they are listed."""

    checks: int
    succeeded: int
    not_made: int
    see: str = ""

    @property
    def words(self) -> str:
        """« 134 contrôles réussis sur 136, 1 en avertissement, 1 non évalué »: nothing but « réussi » is a success."""
        if not self.checks:
            return "aucun contrôle n'est gardé"
        failed = self.checks - self.succeeded - self.not_made
        told = [f"{count(self.succeeded, 'contrôle réussi', 'contrôles réussis')} sur {integer(self.checks)}"]
        told += [f"{integer(failed)} en avertissement"] if failed else []
        told += [count(self.not_made, "non évalué", "non évalués")] if self.not_made else []
        return ", ".join(told)


@dataclass(frozen=True)
class Uncounted:
    """Lines of uses delivered for a period: those that do not count, and those that do. `see`: where they are told."""

    out: int
    counted: int
    see: str = ""


def check_points(checks: Checks) -> list[Point]:
    """What the checks of the version left."""
    is_well = checks.checks > 0 and checks.succeeded == checks.checks
    text = f"{checks.words} pour cette version{checks.see}."
    call, asks = (Call.RECORD, "") if is_well else (Call.DECIDE, "Traiter les contrôles en avertissement")
    return [Point(_SUBJECT, text, call, asks=asks, page="qualite")]


def uncounted_points(uses: Uncounted, programme: Programme) -> list[Point]:
    """Uses that do not count, from the share of the lines that the settings give (uncounted_share)."""
    out, lines = uses.out, uses.out + uses.counted
    if not out or out < float(programme.uncounted_share) * lines:
        return []
    who = "utilisation livrée pour la période n'est pas comptée"
    if out > 1:
        who = "utilisations livrées pour la période ne sont pas comptées"
    text = f"{integer(out)} {who} ({percent(out / lines)} des lignes){uses.see}."
    return [Point(_SUBJECT, text, Call.DECIDE, asks="Faire corriger les utilisations non comptées", page="qualite")]
