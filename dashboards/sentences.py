"""The points of attention of the overview, in sentences a committee can read aloud. Each rests on figures of the marts.

Pure functions on frames: no Streamlit, no SQL. A point is (weight, subject, sentence): the heavier first; one that is
about an amount takes its weight from `stake`. Does not live here: the figures' rules (core), the thresholds
(programme.yaml).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from presentation.format_fr import NBSP, count, day_long, euros_round, hours_round, integer, month, percent
from presentation.labels import in_sentence
from presentation.outlook import Outlook, Verdict, not_projected
from programme.config import Programme

Point = tuple[float, str, str]
#: An amount of each projected figure, with its unit.
AMOUNTS: dict[str, Callable[[float], str]] = {
    "hours": hours_round,
    "people_reached": lambda value: count(value, "personne"),
}
#: Less than half a euro is written « 0 € »: it is no amount.
HALF_A_EURO = 0.5
#: Names that a sentence gives before « et n autres ».
NAMES_GIVEN = 4


def stake(euros: float, *wholes: float) -> float:
    """The weight of a point about an amount: 4, plus one for each twentieth of the largest share that it is.

    `wholes`: what the amount is a share of, the programme's budget always among them; so that of two amounts the
    larger is read first. A target that will be missed weighs 9: an amount passes it from a quarter of its whole.
    """
    shares = [euros / whole for whole in wholes if whole > 0]
    return 4 + 20 * min(1.0, max(shares, default=0.0))


def targets(
    progress: dict[str, dict], projections: dict[str, pl.DataFrame], programme: Programme, as_of: date
) -> list[Point]:
    """What becomes of the targets of hours and people at the mandate's end; what became of them once it has ended."""
    points: list[Point] = []
    for code in ("hours", "people_reached"):
        row, write = progress[code], AMOUNTS[code]
        if row["value"] is None:
            points.append((5, row["label"], "leur nombre n'est pas donné (secret statistique)."))
            continue
        if row["value"] >= row["target"]:
            points.append(
                (1, row["label"], f"l'objectif de {write(row['target'])} est atteint ({percent(row['ratio'])}).")
            )
            continue
        outlook = Outlook.of(projections[code])
        if outlook is None:
            points.append(_without_projection(row, write, programme, as_of))
            continue
        weights: dict[Verdict | None, int] = {Verdict.OUT_OF_REACH: 10, Verdict.MISSED: 9, Verdict.MET: 3}
        weight = weights.get(outlook.verdict, 3 if outlook.met_on else 8)
        points.append((weight, row["label"], outlook.sentence(write)))
    return points


def _without_projection(row: dict, write: Callable[[float], str], programme: Programme, as_of: date) -> Point:
    """A target not met and not projected: the mandate has ended and it is missed, or too little happened."""
    why = not_projected(as_of, programme)
    if as_of < programme.mandate_ends_on:
        return (5, row["label"], in_sentence(why))
    ended = day_long(programme.mandate_ends_on)
    text = f"manqué : {write(row['value'])} au {day_long(as_of)}, pour un objectif de {write(row['target'])}"
    return (9, row["label"], f"{text} ; le mandat a pris fin le {ended}.")


def budget(
    progress: dict[str, dict],
    programme: Programme,
    as_of: date,
    *,
    lost_eur: float,
    credited_eur: float | None,
    state_received_eur: float | None,
) -> list[Point]:
    """What is left to commit and to pay, the State's share, the credit notes still to come.

    lost_eur: face value of the passes expired or cancelled. credited_eur, state_received_eur: credit notes and
    receipts from the State ALONE, None for a reader who may not see the budget's entries.
    """
    whole = float(programme.budget_eur)
    committed, paid, state = (
        progress[code] for code in ("budget_committed_eur", "budget_paid_eur", "state_share_due_eur")
    )
    if not any((committed["value"], paid["value"], credited_eur, state_received_eur)):
        unknown = "aucune écriture budgétaire n'est livrée : l'engagé, le mandaté, les recettes et les avoirs"
        return [(6, "Budget", f"{unknown} ne sont pas connus."), *_state_share(state, None, whole)]
    return [
        *_commitments(committed["value"], paid["value"], whole, programme, as_of),
        *_state_share(state, state_received_eur, whole),
        *_credit_notes(lost_eur, credited_eur, whole),
    ]


def _commitments(committed: float, paid: float, whole: float, programme: Programme, as_of: date) -> list[Point]:
    left, gap = whole - committed, committed - paid
    if left < 0:
        return [(max(9.5, stake(-left, whole)), "Budget", f"les engagements dépassent le budget de {_eur(-left)}.")]
    if left < HALF_A_EURO:
        text = "tout le budget est engagé"
    elif as_of > programme.agreement_ends_on:
        ended = day_long(programme.agreement_ends_on)
        text = f"{_eur(left)} n'ont pas été engagés avant le terme de l'accord-cadre ({ended})"
    else:
        text = f"il reste {_eur(left)} à engager"
    if gap >= HALF_A_EURO:
        text += f" ; {_eur(gap)} séparent l'engagé du mandaté net des avoirs."
    elif gap <= -HALF_A_EURO:
        text += f" ; le mandaté net des avoirs dépasse l'engagé de {_eur(-gap)}."
    else:
        text += " ; tout l'engagé est mandaté, net des avoirs."
    return [(4, "Budget", text)]


def _state_share(state: dict, received: float | None, whole: float) -> list[Point]:
    """Due, received from the State, still to call: never compared with what communes paid."""
    due = state["value"]
    text = f"{_eur(due)} dus sur les pass utilisés"
    if state["ratio"] is not None and state["ratio"] >= 1:
        text += ", le plafond étant atteint"
    elif state["ratio"] is not None:
        text += f", soit {percent(state['ratio'])} du plafond"
    if received is None:
        return [(2, "Part de l'État", f"{text}.")]
    left = due - received
    if left >= HALF_A_EURO:
        return [
            (
                stake(left, whole),
                "Part de l'État",
                f"{text} ; {_eur(received)} reçus de l'État : {_eur(left)} restent à appeler.",
            )
        ]
    if left <= -HALF_A_EURO:
        return [
            (
                stake(-left, whole),
                "Part de l'État",
                f"{text} ; {_eur(received)} reçus de l'État, {_eur(-left)} de plus que dû.",
            )
        ]
    return [(2, "Part de l'État", f"{text}, et reçus en entier." if due >= HALF_A_EURO else f"{text}, rien à appeler.")]


def _credit_notes(lost: float, credited: float | None, whole: float) -> list[Point]:
    """What was lost gives right to credit notes; those already received no longer do."""
    if lost < HALF_A_EURO:
        return []
    text = f"{_eur(lost)} de pass expirés ou annulés donnent lieu à avoir"
    if credited is None:
        return [(stake(lost, whole), "Avoirs", f"{text} (avoirs déjà reçus non déduits).")]
    left = lost - credited
    if left < HALF_A_EURO:
        return [(1, "Avoirs", f"les {_eur(credited)} d'avoirs reçus couvrent les {_eur(lost)} de pass perdus.")]
    got = f"{_eur(credited)} d'avoirs reçus" if credited >= HALF_A_EURO else "aucun avoir reçu"
    return [(stake(left, whole), "Avoirs", f"{text} ; {got} : {_eur(left)} restent à recevoir.")]


def _eur(value: float) -> str:
    return euros_round(value)


def expiry(risk: pl.DataFrame, stock: dict[str, float], programme: Programme, as_of: date) -> list[Point]:
    """Usable passes that lapse within the notice of the settings (expiry_alert_days), and their share of the stock.

    stock: passes and euros still usable at the date of the data.
    """
    days = programme.expiry_alert_days
    when = f"{_within(days)} le {day_long(as_of)}"
    if not stock["passes"]:
        return [(1, "Expiration", f"aucun pass n'est plus utilisable au {day_long(as_of)}.")]
    soon = risk.filter(pl.col("horizon_days") == days)
    passes, amount = int(soon["passes"].sum()), float(soon["face_value_eur"].sum())
    if not passes:
        return [(1, "Expiration", f"aucun pass utilisable n'expire {when}.")]
    first = day_long(soon.select(pl.min("first_expiry_on")).item())
    share = percent(passes / stock["passes"])
    verb, earliest = ("expire", f"le {first}") if passes == 1 else ("expirent", f"les premiers le {first}")
    text = f"{count(passes, 'pass', 'pass')} ({_eur(amount)}), {share} des pass encore utilisables, {verb} {when}"
    return [(stake(amount, stock["euros"], float(programme.budget_eur)), "Expiration", f"{text}, {earliest}.")]


def _within(days: int) -> str:
    return "le jour qui suit" if days == 1 else f"dans les {days}{NBSP}jours qui suivent"


def public(progress: dict[str, dict], programme: Programme) -> list[Point]:
    """The PIC share against its floor."""
    row, equipped = progress["pic_share"], progress.get("people_equipped", {}).get("value")
    subject = "Public PIC"
    if equipped == 0:
        return [(1, subject, "aucune personne n'est encore équipée.")]
    if row["value"] is None and row["answered_share"] == 0:
        return [(5, subject, "aucune des personnes équipées n'a donné de réponse exploitable.")]
    if row["value"] is None:
        return [(5, subject, "la part du public PIC n'est pas donnée (secret statistique).")]
    floor, share, silent = float(programme.pic_share_target), row["value"], 1 - row["answered_share"]
    side = "au niveau" if share == floor else "au-dessus" if share > floor else "en dessous"
    # As many decimals as it takes for the share not to read as the floor that it is not.
    places = next((n for n in (1, 2, 3) if share == floor or round(share, n + 2) != round(floor, n + 2)), 4)
    minimum = percent(floor, 0 if round(floor, 2) == floor else 2)
    if silent <= 0:
        answers = "toutes ont donné une réponse exploitable"
    elif silent < 0.0005:
        answers = f"moins de {percent(0.001)} n'ont pas donné de réponse exploitable"
    else:
        answers = f"{percent(silent)} n'ont pas donné de réponse exploitable"
    text = f"{percent(share, places)} des personnes équipées ayant répondu, {side} du minimum de {minimum} ; {answers}."
    return [(9 if side == "en dessous" else 2, subject, text)]


def quiet(states: pl.DataFrame, lieux: pl.DataFrame, since: date, programme: Programme) -> list[Point]:
    """Participating territories with nothing left to use, without a recent use, without any: three different things.

    states: marts.territory_state. Lieux are told of when those that stopped pass silent_lieux_share of those that
    were ever used; `since`: the first day of the quiet months.
    """
    points: list[Point] = []
    exhausted, silent, never = (states.filter(pl.col("state") == name) for name in ("exhausted", "quiet", "never"))
    if exhausted.height:
        text = f"{_none(exhausted)} plus aucun pass utilisable : {_names(exhausted)}."
        points.append((6, "Territoires épuisés", text))
    if silent.height:
        passes = count(silent["passes_usable"].sum(), "pass utilisable", "pass utilisables")
        verb = "a" if silent.height == 1 else "ont"
        text = f"{_territories(silent)} {verb} encore {passes} et aucune utilisation depuis {month(since)}"
        points.append((7, "Territoires inactifs", f"{text} : {_names(silent)}."))
    if never.height:
        text = f"{_none(never)} jamais eu d'utilisation : {_names(never)}"
        empty = never.filter(pl.col("passes_usable") == 0).height
        if empty:
            text += f" ; {integer(empty)} sans pass utilisable"
        points.append((7, "Territoires jamais commencés", f"{text}."))
    used = lieux.filter(pl.col("last_month").is_not_null())
    stopped = used.filter(pl.col("last_month") < since).height
    if stopped and stopped >= used.height * float(programme.silent_lieux_share):
        who = f"{count(stopped, 'lieu', 'lieux')} sur {integer(used.height)} déjà actifs"
        verb = "n'a" if stopped == 1 else "n'ont"
        text = f"{who} {verb} reçu aucun pass depuis {month(since)} (page Lieux, « Qui s'est arrêté »)."
        points.append((5, "Lieux", text))
    return points


def _territories(frame: pl.DataFrame) -> str:
    return count(frame.height, "territoire participant", "territoires participants")


def _none(frame: pl.DataFrame) -> str:
    return _territories(frame) + (" n'a" if frame.height == 1 else " n'ont")


def _names(frame: pl.DataFrame) -> str:
    names = frame["territory_name"].to_list()
    rest = len(names) - NAMES_GIVEN
    return ", ".join(names[:NAMES_GIVEN]) + (f" et {count(rest, 'autre')}" if rest > 0 else "")


def quality(build: dict) -> list[Point]:
    """What the checks of the version read left: warnings, checks that could not be made; nothing is « tout réussi »."""
    if not build["checks"]:
        return [(6, "Qualité", "aucun contrôle n'est gardé pour cette version.")]
    failed, not_made = build["warnings"] - build["not_made"], build["not_made"]
    told = [count(failed, "contrôle en avertissement", "contrôles en avertissement")] if failed else []
    told += [count(not_made, "contrôle non évalué", "contrôles non évalués")] if not_made else []
    if told:
        return [(6, "Qualité", f"{' et '.join(told)} sur cette version (page Qualité).")]
    made = count(build["checks_ok"], "contrôle réussi", "contrôles réussis")
    return [(1, "Qualité", f"{made} sur {integer(build['checks'])} pour cette version (page Qualité).")]
