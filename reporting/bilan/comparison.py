"""The period beside the one before and the same of the year before: the table of the bilan, and what it cannot say.

Does not live here: the figures and their masks (reporting/figures/comparison.py), the layout (bilan.typ).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presentation.format_fr import signed
from presentation.french import day_long, integer, percent
from presentation.labels import capital
from presentation.sentences import SECRET
from presentation.table import WITHHELD
from reporting.bilan.writing import MISSING, text
from reporting.figures import frames
from reporting.figures.comparison import COMPARED, Other, others
from reporting.figures.publication import Publication

Row = Mapping[str, Any]

#: From ten times as much on, a share says less than how many times.
_TIMES = 10
#: Under half a hundredth a change has its tenth; under half a tenth, there is none to tell.
_WHOLE, _LEAST = 0.005, 0.0005


def comparison(publication: Publication, rows: Mapping[str, Row]) -> dict[str, Any]:
    """Data of the template. rows: code → row of figures.summary, of the period."""
    found = others(publication)
    shown = [other for other in found if other.rows]
    with_change = not publication.is_provisional
    heads = ["Depuis le début", capital(publication.period.label)]
    for other in shown:
        heads += [capital(other.period.label), *(["Évolution"] if with_change else [])]
    lines = []
    for code in COMPARED:
        label = rows[code]["label"].partition(" (")[0]
        if code == "budget_paid_eur" and not frames.has_budget(publication):
            lines.append([label, *[MISSING] * len(heads)])
            continue
        line = [label, text(rows[code], "cum"), text(rows[code], "period")]
        for other in shown:
            line += [text(other.rows[code], "period")]
            line += [change(rows[code], other.rows[code])] if with_change else []
        lines.append(line)
    told = [sentence(publication, found)]
    if any(WITHHELD in line for line in lines):
        told.append(SECRET)
    return {
        "comparison_heads": ["Mesure", *heads],
        "comparison": lines,
        "comparison_sentence": " ".join(filter(None, told)),
    }


def change(now: Row, then: Row) -> str:
    """« +12 % » from one period to the other; « × 12 » from ten times on; withheld where either is."""
    if now["mask_period"] or then["mask_period"]:
        return WITHHELD
    value, before = now["value_period"], then["value_period"]
    if value is None or before is None:
        return MISSING
    if value == before:
        return "stable"
    if not before:
        return "de zéro"
    if value >= _TIMES * before:
        return f"× {integer(value / before)}"
    share = float(value / before - 1)
    # « −0 % » says neither that it moved nor that it did not.
    if abs(share) < _LEAST:
        return "stable"
    places = 0 if abs(share) >= _WHOLE else 1
    return signed(share, lambda size: percent(size, places))


def sentence(publication: Publication, found: list[Other]) -> str:
    """What is set beside what; where there is nothing to set beside, why."""
    began = day_long(publication.programme.agreement_signed_on)
    told = []
    for other in found:
        if not other.rows:
            what = "de période précédente" if other is found[0] else "d'année précédente"
            told.append(f"Pas {what} : le programme a commencé le {began}, après {_the(other)}.")
        elif other.is_partial:
            told.append(f"Le programme a commencé le {began} : {_the(other)} n'en compte qu'une partie.")
    if publication.is_provisional and any(other.rows for other in found):
        told.append(
            f"La période n'est connue que jusqu'au {day_long(publication.last_day)} : les autres étant entières, "
            "aucune évolution n'est donnée."
        )
    return " ".join(told)


def _the(other: Other) -> str:
    """« le 4e trimestre 2019 », « l'année 2019 », « le mois d'octobre 2019 »."""
    label, months = other.period.label, len(other.period.months)
    if months == 1:
        of = "d'" if label[0] in "ao" else "de "
        return f"le mois {of}{label}"
    return f"l'{label}" if months == 12 else f"le {label}"
