"""Redemptions: who goes to which session, when, for how long, and with how many passes.

Grain of `attend`: one carnet at one session; of `redeem`: one pass scanned. Does not live here: their text.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulation.carnets import NEVER, Carnets
from simulation.structures import Structures
from simulation.working_days import WorkingDays, month_index

_MAX_SESSIONS = 10
_PASSES_SHARE = (0.30, 0.38, 0.20, 0.12)
_COLLECTIVE = 0.58
_GROUP = 8
_NEVER_STARTS = 0.085
_USES_ALL = 0.40
_FULL_HOURS = np.array([-15, -10, -5, 0, 0, 0, 5, 10, 15, 20])


@dataclass(frozen=True)
class Visits:
    """Arrays of one element an attendance, ordered by day, lieu, service and session.

    `pass_offset`: passes of the carnet used before. `minutes`: 0 where the lieu does not tell.
    `minute_of_day`: -1 where the lieu gives no clock. `told_session`: 0 where the lieu does not tell.
    """

    carnet: np.ndarray
    pass_offset: np.ndarray
    passes: np.ndarray
    day: np.ndarray
    lieu: np.ndarray
    service: np.ndarray
    told_session: np.ndarray
    minutes: np.ndarray
    minute_of_day: np.ndarray


def _plan_sessions(
    carnets: Carnets, days: WorkingDays, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Carnet, passes, offset and day of each wished attendance."""
    carnet = np.flatnonzero(carnets.prescribed != NEVER)
    count, size = len(carnet), carnets.passes[carnet]
    wanted = np.where(rng.random(count) < _USES_ALL, size, rng.integers(1, size, endpoint=False) if count else size)
    wanted = np.where(rng.random(count) < _NEVER_STARTS, 0, wanted)
    taken = 1 + rng.choice(4, (count, _MAX_SESSIONS), p=_PASSES_SHARE).astype(np.int8)
    before = np.cumsum(taken, axis=1, dtype=np.int16) - taken
    passes = np.clip(np.minimum(taken, wanted[:, None] - before), 0, None)
    # At least about a week between two sessions of a person, so that none empties a carnet in a day.
    gaps = 6.5 + rng.exponential(11.0, (count, _MAX_SESSIONS))
    gaps[:, 0] = 1.0 + rng.exponential(16.0, count)
    row, step = np.nonzero(passes)
    day = days.after(carnets.prescribed[carnet][row], np.cumsum(gaps, axis=1)[row, step])
    return carnet[row], passes[row, step], before[row, step], day


def _choose_lieux(
    carnets: Carnets, carnet: np.ndarray, day: np.ndarray, structures: Structures, rng: np.random.Generator
) -> np.ndarray:
    """Mostly the usual lieu of the carnet, in its territory; sometimes another; always one that is referenced."""
    lieux = structures.lieux
    home = lieux["territory"].to_numpy()
    main = np.flatnonzero(lieux["is_main"].to_numpy())
    inside = np.flatnonzero(home >= 0)
    start = np.searchsorted(home[inside], np.arange(len(main)))
    width = np.bincount(home[inside], minlength=len(main))
    territory = carnets.territory[carnet]
    usual = start[territory] + (rng.random(len(carnets))[carnet] * width[territory]).astype(int)
    other = start[territory] + (rng.random(len(carnet)) * width[territory]).astype(int)
    draw = rng.random(len(carnet))
    away = rng.integers(0, len(inside), len(carnet))
    lieu = np.select([draw < 0.76, draw < 0.93, draw < 0.994], [usual, other, away], usual)
    outside = np.flatnonzero(home < 0)
    if len(outside):
        lieu = np.where(draw >= 0.994, outside[rng.integers(0, len(outside), len(carnet))], lieu)
    opens, closes = lieux["opens"].to_numpy(), lieux["closes"].to_numpy()
    # Six days of margin: a workshop may be moved to later in the week.
    is_referenced = (opens[lieu] <= day) & (day + 6 <= closes[lieu])
    return np.where(is_referenced, lieu, main[territory])


def _group(keys: list[np.ndarray], is_collective: np.ndarray) -> np.ndarray:
    """Session number of attendances ordered by `keys`: alone, or by groups of eight at most."""
    count = len(is_collective)
    if not count:
        return np.zeros(0, dtype=np.int64)
    changes = np.ones(count, dtype=bool)
    changes[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    position = np.arange(count) - np.flatnonzero(changes)[np.cumsum(changes) - 1]
    return np.cumsum(changes | ~is_collective | (position % _GROUP == 0)) - 1


def attend(carnets: Carnets, structures: Structures, days: WorkingDays, end: int, rng: np.random.Generator) -> Visits:
    """Every attendance up to `end`. A carnet is used until its validity ends, plus the tolerated month."""
    carnet, passes, offset, day = _plan_sessions(carnets, days, rng)
    lieu = _choose_lieux(carnets, carnet, day, structures, rng)
    is_collective = rng.random(len(carnet)) < _COLLECTIVE
    # Workshops of a lieu are held on its day of the week, unless it is closed then.
    weekday = structures.lieux["workshop_weekday"].to_numpy()[lieu]
    moved = day + (weekday - (day + 3)) % 7
    day = np.where(is_collective & days.is_open(moved), moved, day)
    # Tolerance: one month after 31 December is 31 January; lieux discourage it, so few come.
    tolerated = np.where(rng.random(len(carnet)) < 0.3, 31, 0)
    last = np.minimum(carnets.valid_to[carnet] + tolerated, np.minimum(carnets.usable_until[carnet], end))
    service = _choose_services(passes, is_collective, structures, rng)
    order = np.lexsort((carnet, service, lieu, day))
    order = order[(day <= last)[order]]
    carnet, passes, offset, day, lieu, service, is_collective = (
        values[order] for values in (carnet, passes, offset, day, lieu, service, is_collective)
    )
    session = _group([day, lieu, service], is_collective)
    total = int(session[-1]) + 1 if len(session) else 0
    nominal = structures.services["duree_minutes"].fill_null(60).to_numpy()
    minutes = nominal[service] + rng.choice(_FULL_HOURS, total)[session]
    is_told = rng.random(total) > 0.06
    start = 9 * 60 + 5 * rng.integers(0, 102, total)
    has_clock = structures.lieux["has_clock"].to_numpy()[lieu]
    # A lieu that gives no session leaves the attendances of a day and service as one session (figures §2).
    has_number = rng.random(total) > 0.04
    return Visits(
        carnet=carnet,
        pass_offset=offset,
        passes=passes,
        day=day,
        lieu=lieu,
        service=service,
        told_session=np.where(has_number[session], session + 1, 0),
        minutes=np.where(is_told[session], np.maximum(minutes, 15), 0),
        minute_of_day=np.where(has_clock, start[session], -1),
    )


def _choose_services(
    passes: np.ndarray, is_collective: np.ndarray, structures: Structures, rng: np.random.Generator
) -> np.ndarray:
    """A service of the catalogue that takes that number of passes, alone or in a group."""
    taken = structures.services["passes"].to_numpy()
    group = structures.services["is_collective"].to_numpy()
    chosen = np.zeros(len(passes), dtype=np.int64)
    for number in range(1, 5):
        for collective in (False, True):
            options = np.flatnonzero((taken == number) & (group == collective))
            who = (passes == number) & (is_collective == collective)
            chosen[who] = options[rng.integers(0, len(options), int(who.sum()))]
    return chosen


def redeem(visits: Visits, carnets: Carnets, end: int, rng: np.random.Generator) -> pl.DataFrame:
    """One row a scanned pass, ordered by month of first delivery then day.

    Columns: `number`, `visit` (row of Visits), `pass_number`, `statut` (at the end), `first_statut`, `month` (of
    its first delivery), `paid_on` (day number of the monthly counter-payment, null when not paid). A line first
    delivered in a month is delivered again the next month, with its final status.
    """
    visit = np.repeat(np.arange(len(visits.passes)), visits.passes)
    start = np.cumsum(visits.passes) - visits.passes
    within = np.arange(len(visit)) - np.repeat(start, visits.passes)
    number = carnets.first_pass[visits.carnet[visit]] + visits.pass_offset[visit] + within
    count = len(visit)
    statut = np.where(rng.random(count) < 0.003, "rejetee", "remboursee")
    # A pass scanned twice by mistake: the second line is cancelled.
    again = np.flatnonzero(rng.random(count) < 0.003)
    visit, number = np.append(visit, visit[again]), np.append(number, number[again])
    statut = np.append(statut, np.full(len(again), "annulee"))
    is_sent_late = rng.random(len(visit)) < 0.02
    day = visits.day[visit]
    month = month_index(np.minimum(day + np.where(is_sent_late, 20, 0), end))
    payment = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + 14
    is_final = payment <= end
    first = np.where(
        day - day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) > 23,
        "enregistree",
        "validee",
    )
    order = np.lexsort((np.arange(len(visit)), visits.day[visit], month))
    return pl.DataFrame(
        {
            "visit": visit[order],
            "pass_number": number[order],
            "month": month[order],
            "first_statut": first[order],
            "statut": np.where(is_final, statut, first)[order],
            "paid_on": np.where(is_final & (statut == "remboursee"), payment, NEVER)[order],
        }
    ).with_columns(number=pl.int_range(1, pl.len() + 1), is_final=pl.Series(is_final[order]))
