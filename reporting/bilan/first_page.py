"""The first page of the bilan: the three answers, the three targets, what is at stake in euros.

Does not live here: the answers and the points themselves (presentation/attention/), the facts they rest on
(attention.py), the layout (bilan.typ).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from presentation.attention import engine
from presentation.attention.engine import Facts
from presentation.attention.money import left_to_call, no_entry
from presentation.attention.passes import SUBJECT as EXPIRY
from presentation.attention.point import HALF_A_EURO, Point
from presentation.attention.targets import AMOUNTS, Target, paces
from presentation.attention.verdict import answers
from presentation.french import day_long, euros_round, percent
from presentation.labels import capital
from presentation.outlook import Verdict
from presentation.sentences import PERIOD
from presentation.table import WITHHELD
from reporting.bilan.writing import MISSING, text
from reporting.figures import frames
from reporting.figures.publication import Publication

Row = Mapping[str, Any]
Card = dict[str, Any]


#: Territories that a sentence of this page names.
_NAMES = 4


def first_page(publication: Publication, rows: Mapping[str, Row], facts: Facts) -> dict[str, Any]:
    """Data of the template. rows: code → row of figures.summary."""
    places = facts.territories
    points = engine.points(replace(facts, territories=replace(places, names=_NAMES) if places else None))
    found = answers(facts.targets, points, facts.programme, facts.on)
    return {
        "answers": [
            {
                "question": answer.question,
                "status": answer.status,
                "tone": answer.tone.value,
                "sign": answer.tone.sign,
                "steps": [{"text": capital(step.text), "note": step.note} for step in answer.steps],
            }
            for answer in found
        ],
        "targets": [*(_target(one, rows[one.code], facts) for one in facts.targets), _pic(rows["pic_share"])],
        "stakes": [_expiry(points, facts), _state(publication, rows), _budget(publication, rows)],
    }


def _card(label: str, value: str, notes: list[str], bar: Mapping[str, float | None] | None = None) -> Card:
    """bar: shares of its whole width, 0 to 1: what is done, and where they are known the band and the ceiling ahead."""
    return {"label": label, "value": value, "notes": notes, "bar": bar}


def _target(one: Target, row: Row, facts: Facts) -> Card:
    """The total, its share of the target, where it would be at the mandate's end, and how far it can go at all."""
    write = one.write or AMOUNTS[one.code]
    if one.value is None:
        return _card(one.label, WITHHELD, [f"objectif : {AMOUNTS[one.code](one.target)}"])
    reached = f"{percent(one.ratio)} de " if one.ratio is not None else ""
    notes = [f"{reached}l'objectif de {AMOUNTS[one.code](one.target)}", f"{PERIOD} : {text(row, 'period')}"]
    if one.outlook is None:
        on, ends = facts.on, facts.programme.mandate_ends_on
        pace = paces(one, facts.programme, on) if on < ends and one.value < one.target else None
        if pace is not None:
            notes.append(pace.told(AMOUNTS[one.code], PERIOD))
        return _card(one.label, text(row, "cum"), notes, {"done": one.value / one.target})
    end = one.outlook.end
    found = one.outlook.verdict
    if found is not None and one.value < one.target:
        notes.append(f"en fin de mandat : {one.outlook.band(write)}, objectif {found.value}")
    notes.append(f"plafond : {one.outlook.at_most(write)}")
    shares = {name: round(end[name], -2) / one.target for name in ("low", "high", "ceiling")}
    return _card(one.label, text(row, "cum"), notes, {"done": one.value / one.target, **shares})


def _pic(row: Row) -> Card:
    """The State's floor: held or not."""
    floor, label = row["target"], "Public PIC (éloigné de l'emploi)"
    aim = f"minimum demandé par l'État : {percent(floor, 0)}"
    if row["mask_cum"] or row["value_cum"] is None:
        return _card(label, text(row, "cum"), [aim])
    is_held = row["value_cum"] >= floor
    held = Verdict.MET.value if is_held else Verdict.MISSED.value
    told = ["des personnes équipées ayant répondu", f"{aim}, {held}"]
    return _card(label, text(row, "cum"), told, {"done": row["value_cum"], "floor": floor})


def _expiry(points: Sequence[Point], facts: Facts) -> Card:
    """What lapses within the notice: the point of attention itself, in a card."""
    label = f"Pass qui expirent d'ici {facts.programme.expiry_alert_days} jours"
    point = next((point for point in points if point.subject == EXPIRY), None)
    if point is None:
        return _card(label, MISSING, [])
    told = [capital(point.brief.removeprefix(f"{EXPIRY} : "))]
    if not point.is_alert:
        return _card(label, euros_round(0), told)
    value = euros_round(point.euros) if point.euros >= HALF_A_EURO else WITHHELD
    last = [f"dernier jour du plus gros montant : {day_long(point.by)}"] if point.by is not None else []
    return _card(label, value, [*told, *last])


def _state(publication: Publication, rows: Mapping[str, Row]) -> Card:
    """What is left to call of the State's share: due, under its ceiling, less what the State ALONE paid."""
    label, due, left = "Part de l'État à appeler", rows["state_share_eur"], rows["state_to_call_eur"]
    ceiling = euros_round(due["target"])
    if due["mask_cum"]:
        return _card(label, WITHHELD, [f"plafond : {ceiling}"])
    notes = [f"due : {text(due, 'cum')}, {percent(due['ratio'])} du plafond de {ceiling}"]
    bar = {"done": due["ratio"]}
    if not frames.has_budget(publication):
        return _card(label, MISSING, [*notes, "reçue : aucune écriture budgétaire livrée"], bar)
    notes.append(f"reçue de l'État : {text(rows['received_state_eur'], 'cum')}")
    if left["value_cum"] <= -HALF_A_EURO:
        return _card(label, euros_round(0), [*notes, left_to_call(left["value_cum"])], bar)
    return _card(label, text(left, "cum"), notes, bar)


def _budget(publication: Publication, rows: Mapping[str, Row]) -> Card:
    committed, paid = rows["budget_committed_eur"], rows["budget_paid_eur"]
    label = "Budget engagé"
    if not frames.has_budget(publication):
        return _card(label, MISSING, [capital(no_entry(publication.last_day))])
    notes = [
        f"{percent(committed['ratio'])} du budget de {euros_round(committed['target'])}",
        f"mandaté, net des avoirs : {text(paid, 'cum')}",
        f"mandaté {PERIOD} : {text(paid, 'period')}",
    ]
    return _card(label, text(committed, "cum"), notes, {"done": committed["ratio"]})
