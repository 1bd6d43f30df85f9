"""The points of attention of the overview, in sentences a committee can read aloud. Each rests on figures of the marts.

Pure functions on frames: no Streamlit, no SQL. A point is (weight, sentence): the heavier first. Does not live here:
the figures' rules (core).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from dashboards.format_fr import NBSP, count, day_long, euros_round, hours_round, month, percent
from programme.config import Programme
from warehouse.outlook import Outlook, Verdict

Point = tuple[int, str, str]
#: An amount of each projected figure, with its unit.
AMOUNTS: dict[str, Callable[[float], str]] = {
    "hours": hours_round,
    "people_reached": lambda value: count(value, "personne"),
}
QUIET_MONTHS = 3


def targets(progress: dict[str, dict], projections: dict[str, pl.DataFrame]) -> list[Point]:
    """What becomes of the targets of hours and people at the mandate's end."""
    points: list[Point] = []
    for code in ("hours", "people_reached"):
        row, write = progress[code], AMOUNTS[code]
        if row["value"] is None:
            points.append((5, row["label"], "trop peu de personnes pour que leur nombre soit donné."))
            continue
        if row["value"] >= row["target"]:
            points.append(
                (1, row["label"], f"l'objectif de {write(row['target'])} est atteint ({percent(row['ratio'])}).")
            )
            continue
        outlook = Outlook.of(projections[code])
        if outlook is None:
            points.append((5, row["label"], "trop peu d'activité pour projeter la fin du mandat."))
            continue
        weight = {Verdict.OUT_OF_REACH: 10, Verdict.MISSED: 9, Verdict.MET: 3}.get(
            outlook.verdict, 3 if outlook.met_on else 8
        )
        points.append((weight, row["label"], outlook.sentence(write)))
    return points


def budget(progress: dict[str, dict], credit_notes: float) -> list[Point]:
    """What is left to commit and to pay, the State's share, the credit notes due."""
    committed, paid, state = (
        progress[code] for code in ("budget_committed_eur", "budget_paid_eur", "state_share_due_eur")
    )
    left = committed["target"] - committed["value"]
    points = []
    if left < 0:
        points.append((9, "Budget", f"les engagements dépassent le budget de {euros_round(-left)}."))
    else:
        gap = euros_round(committed["value"] - paid["value"])
        text = f"il reste {euros_round(left)} à engager ; {gap} séparent l'engagé du mandaté net des avoirs."
        points.append((4, "Budget", text))
    text = f"{euros_round(state['value'])} dus à ce jour, soit {percent(state['ratio'])} du plafond."
    points.append((2, "Part de l'État", text))
    if credit_notes:
        text = f"{euros_round(credit_notes)} de pass expirés ou annulés donnent lieu à avoir."
        points.append((6, "Avoirs", text))
    return points


def expiry(risk: pl.DataFrame) -> list[Point]:
    """Passes that can still be used and will not be in 90 days."""
    soon = risk.filter(pl.col("horizon_days") == 90)
    passes = soon["passes"].sum()
    if not passes:
        return [(1, "Expiration", "aucun pass utilisable n'expire dans les 90 jours.")]
    first = soon["first_expiry_on"].min()
    text = f"{count(passes, 'pass', 'pass')} ({euros_round(soon['face_value_eur'].sum())}) expirent dans les 90 jours"
    return [(8, "Expiration", f"{text}, les premiers le {day_long(first)}.")]


def public(progress: dict[str, dict], programme: Programme) -> list[Point]:
    """The PIC share against its floor."""
    row = progress["pic_share"]
    if row["value"] is None:
        return [(5, "Public PIC", "trop peu de réponses pour donner la part du public PIC.")]
    floor = float(programme.pic_share_target)
    side = "au niveau" if row["value"] == floor else "au-dessus" if row["value"] > floor else "en dessous"
    text = (
        f"{percent(row['value'])} des personnes équipées ayant répondu, {side} du minimum de "
        f"{percent(floor, 0)} ; {percent(1 - row['answered_share'])} n'ont pas répondu."
    )
    return [(9 if side == "en dessous" else 2, "Public PIC", text)]


def quiet(territories: pl.DataFrame, months: pl.DataFrame, lieux: pl.DataFrame, as_of: date) -> list[Point]:
    """Territories and lieux without a use in the last three months of the data."""
    since = months_before(as_of, QUIET_MONTHS)
    seen = months.filter((pl.col("month") >= since) & (pl.col("passes_used") > 0))["territory_code"].unique()
    silent = territories.filter(~pl.col("territory_code").is_in(seen.implode()))["territory_name"].to_list()
    stopped = lieux.filter(pl.col("last_month").is_not_null() & (pl.col("last_month") < since)).height
    points = []
    if silent:
        names = ", ".join(silent[:4]) + (f" et {len(silent) - 4} autres" if len(silent) > 4 else "")
        points.append(
            (7, "Territoires", f"{count(len(silent), 'territoire')} sans utilisation depuis {month(since)} : {names}.")
        )
    if stopped:
        text = f"{count(stopped, 'lieu', 'lieux')} sans aucune utilisation depuis {month(since)}"
        points.append((5, "Lieux", f"{text} (page Lieux, « qui s'est arrêté »)."))
    return points


def months_before(day: date, months: int) -> date:
    """The first day of the oldest of the last `months` months, that of `day` included."""
    index = day.year * 12 + day.month - 1 - (months - 1)
    return date(index // 12, index % 12 + 1, 1)


def quality(warnings: int, last_extract: date | None, as_of: date) -> list[Point]:
    """Warnings left by the checks of the version read."""
    if warnings:
        return [(6, "Qualité", f"{count(warnings, 'contrôle')} en avertissement sur cette version (page Qualité).")]
    return [(1, "Qualité", f"tous les contrôles de cette version sont réussis (données au{NBSP}{day_long(as_of)}).")]
