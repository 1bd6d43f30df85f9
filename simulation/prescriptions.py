"""Prescriptions: which person holds which carnet, and what is asked of them.

Grain of the frame: one prescription, the few mistaken ones included. Does not live here: the dates of carnets.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from simulation.carnets import NEVER, Carnets
from simulation.working_days import month_index

_SITUATIONS = (
    "demandeur_emploi", "retraite", "sans_activite", "en_emploi", "etudiant", "autre", "non_communique",
)  # fmt: skip
_SITUATION_SHARE = (0.49, 0.20, 0.14, 0.07, 0.04, 0.03, 0.03)
#: Probability of belonging to the PIC public (far from work), by situation.
_PIC = np.array([0.80, 0.06, 0.62, 0.12, 0.38, 0.40, 0.45])
_GENDERS = ("femme", "homme", "autre", "non_communique", "")
_GENDER_SHARE = (0.555, 0.405, 0.004, 0.021, 0.015)
_SECOND_CARNET = 0.045
_MISTAKES = 0.007
_LATE_ANSWERS = 0.006


def _second_carnets(territory: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Person of each prescription: itself, or for a few that of an earlier prescription of the territory."""
    count = len(day)
    order = np.lexsort((np.arange(count), day, territory))
    rank = np.empty(count, dtype=np.int64)
    rank[order] = np.arange(count)
    start = np.zeros(territory.max(initial=0) + 2, dtype=np.int64)
    np.add.at(start, territory + 1, 1)
    position = rank - np.cumsum(start)[territory]
    back = 1 + (rng.random(count) * np.minimum(position, 1500)).astype(np.int64)
    parent_rank = np.where(
        (rng.random(count) < _SECOND_CARNET) & (position > 0), rank - np.minimum(back, position), rank
    )
    parent = order[parent_rank]
    while True:
        grand = parent[parent]
        if np.array_equal(grand, parent):
            return parent
        parent = grand


def _birth_years(situation: np.ndarray, day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    count = len(day)
    adult = 18 + rng.beta(1.6, 1.7, count) * 46
    age = np.select(
        [situation == 1, situation == 4], [np.clip(rng.normal(70, 6, count), 60, 95), rng.uniform(16, 28, count)], adult
    )
    return month_index(day) // 12 + 1970 - age.astype(int)


def _answers(probability: np.ndarray, nsp: float, blank: float, rng: np.random.Generator) -> np.ndarray:
    draw = rng.random(len(probability))
    told = np.where(rng.random(len(probability)) < probability, "oui", "non")
    return np.where(draw < blank, "", np.where(draw < blank + nsp, "nsp", told))


def prescribe(carnets: Carnets, end: int, rng: np.random.Generator) -> pl.DataFrame:
    """Every prescription up to `end` (day number), in order of date.

    Columns: those of the export by position (carnet, prescriber, territory indexes), day, month (of its first
    delivery), `first_pic`, `first_statut` (as first delivered), `revised` (it is delivered again the month
    after), `is_live`.
    """
    carnet = np.flatnonzero(carnets.prescribed != NEVER)
    carnet = carnet[np.lexsort((carnet, carnets.prescribed[carnet]))]
    day, territory = carnets.prescribed[carnet], carnets.territory[carnet]
    count = len(carnet)
    person = _second_carnets(territory, day, rng) if count else carnet
    situation = rng.choice(len(_SITUATIONS), count, p=_SITUATION_SHARE)
    birth = _birth_years(situation, day, rng)
    gender = np.array(_GENDERS)[rng.choice(len(_GENDERS), count, p=_GENDER_SHARE)]
    pic = _answers(_PIC[situation], 0.06, 0.02, rng)
    priority = rng.uniform(0.25, 0.62, carnets.territory.max(initial=0) + 1)
    qpv = _answers(priority[territory], 0.08, 0.02, rng)
    told = np.array(_SITUATIONS)[situation]
    frame = pl.DataFrame(
        {
            "carnet": carnet,
            "day": day,
            "prescriber": carnets.prescriber[carnet],
            "territory": territory,
            # What is known of a person does not change with their second carnet.
            "person": np.where(rng.random(count)[person] < 0.02, -1, 1 + person),
            "birth": np.where(rng.random(count)[person] < 0.03, 0, birth[person]),
            "gender": gender[person],
            "situation": np.where(rng.random(count) < 0.01, "", told[person]),
            "pic": pic[person],
            "qpv": qpv[person],
            "statut": np.full(count, "validee"),
            "is_live": np.ones(count, dtype=bool),
        }
    )
    is_late = rng.random(count) < _LATE_ANSWERS
    frame = frame.with_columns(
        first_pic=pl.when(pl.Series(is_late) & pl.col("pic").is_in(["oui", "non"]))
        .then(pl.lit("nsp"))
        .otherwise("pic"),
        first_statut=pl.col("statut"),
    )
    # A few are entered for the wrong person, then cancelled, and the carnet goes to the right one the same day.
    # It takes a month to see it: none is left to correct in the last extract.
    is_seen = month_index(day) < month_index(np.array([end]))
    wrong = np.flatnonzero((rng.random(count) < _MISTAKES) & is_seen)
    mistaken = frame[wrong].with_columns(
        person=pl.Series(count + 1 + np.arange(len(wrong)), dtype=pl.Int64),
        statut=pl.lit("annulee"),
        is_live=pl.lit(False),
    )
    frame = pl.concat([mistaken, frame]).sort("day", "carnet", "is_live", maintain_order=True)
    return frame.with_columns(
        number=pl.int_range(1, pl.len() + 1),
        month=pl.Series(month_index(frame["day"].to_numpy())),
        revised=(pl.col("first_pic") != pl.col("pic")) | (pl.col("first_statut") != pl.col("statut")),
    )
