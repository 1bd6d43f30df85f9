"""Issuance: lots, carnets and their allocation to territories and prescribers, with what is lost on the way.

Grain of the arrays: one element a carnet. Does not live here: prescriptions and uses, which these bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from programme.config import Programme
from programme.models import add_months
from simulation.structures import Structures
from simulation.working_days import WorkingDays, day_number, month_index

FACE_VALUE_EUR = 10
NEVER = 10**6
"""A day number later than any: the event does not happen."""
FIRST_PASS = 21_000_001
PASS_DIGITS = 10

#: Months after the territories' selection, share of the call's carnets, passes in a carnet.
_LOT_PLAN = {
    1: ((4, 0.28, 10), (8, 0.27, 10), (12, 0.25, 10), (16, 0.20, 5)),
    2: ((2, 0.22, 10), (6, 0.22, 10), (9, 0.22, 10), (13, 0.17, 5), (16, 0.17, 10)),
}
_CALL_SHARE = {1: 0.41, 2: 0.59}


@dataclass(frozen=True)
class Lot:
    """One order to the issuer. Validity ends on a 31 December (the usual calendar of the issuer)."""

    number: str
    order: str
    ami: int
    issued_on: date
    valid_to: date
    passes: int
    share: float


def plan_lots(programme: Programme) -> list[Lot]:
    """The lots of every call that has territories, in order of issue. Shares add up to 1."""
    calls = sorted({t.ami for t in programme.territories})
    whole = sum(_CALL_SHARE[ami] for ami in calls)
    planned = []
    for ami in calls:
        selected = min(t.date_entree for t in programme.territories if t.ami == ami)
        for months, share, passes in _LOT_PLAN[ami]:
            issued = add_months(date(selected.year, selected.month, 6), months)
            valid_to = date(add_months(issued, 12).year, 12, 31)
            planned.append((issued, ami, valid_to, passes, share * _CALL_SHARE[ami] / whole))
    return [
        Lot(f"LOT-{i:02d}", f"BC-{issued.year}-{i:03d}", ami, issued, valid_to, passes, share)
        for i, (issued, ami, valid_to, passes, share) in enumerate(sorted(planned), 1)
    ]


@dataclass
class Carnets:
    """One element a carnet, ordered by lot, territory, prescriber. Days are day numbers, NEVER when not so.

    `status`: livre until something happens; `status_day`: day of the event of `status` (lost, stolen,
    returned, cancelled). `wish_day`: the day it would be prescribed. `usable_until`: last day of use.
    """

    lots: list[Lot]
    lot: np.ndarray
    territory: np.ndarray
    prescriber: np.ndarray
    passes: np.ndarray
    first_pass: np.ndarray
    issued: np.ndarray
    valid_to: np.ndarray
    delivered: np.ndarray
    status: np.ndarray
    status_day: np.ndarray
    prescribed: np.ndarray
    usable_until: np.ndarray

    def __len__(self) -> int:
        return len(self.lot)


def _spread(count: int, shares: np.ndarray) -> np.ndarray:
    """`count` things in proportion of `shares`, to the unit (largest remainders)."""
    exact = shares / shares.sum() * count
    whole = np.floor(exact).astype(int)
    rest = np.argsort(whole - exact, kind="stable")[: count - whole.sum()]
    whole[rest] += 1
    return whole


def _allocate(
    programme: Programme, lots: list[Lot], lot: np.ndarray, structures: Structures, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The territory and the prescriber of each carnet: territories of the lot's call, by size and zeal."""
    people = {c.code_insee: c.population_municipale for c in programme.communes}
    size = np.array([people[t.code_insee] for t in programme.territories], dtype=float) ** 0.75
    size *= rng.uniform(0.7, 1.3, len(size))
    call = np.array([t.ami for t in programme.territories])
    territory = np.concatenate(
        [
            np.repeat(np.arange(len(size)), _spread(count, np.where(call == one.ami, size, 0)))
            for one, count in zip(lots, np.bincount(lot, minlength=len(lots)), strict=True)
        ]
    )
    owner = structures.prescribers["territory"].to_numpy()
    weight = structures.prescribers["weight"].to_numpy()
    within = np.cumsum(weight) - np.concatenate([[0], np.cumsum(np.bincount(owner, weight))])[owner]
    ladder = owner + within / np.bincount(owner, weight)[owner]
    draw = np.minimum(np.searchsorted(ladder, territory + rng.random(len(territory)), side="left"), len(owner) - 1)
    order = np.lexsort((draw, territory, lot))
    return territory, draw[order]


def issue_carnets(
    programme: Programme,
    count: int,
    structures: Structures,
    days: WorkingDays,
    end: int,
    rng: np.random.Generator,
) -> Carnets:
    """`count` carnets with their whole life up to `end` (day number), uses apart."""
    lots = plan_lots(programme)
    lot = np.repeat(np.arange(len(lots)), _spread(count, np.array([one.share for one in lots])))
    territory, prescriber = _allocate(programme, lots, lot, structures, rng)
    passes = np.array([one.passes for one in lots])[lot]
    issued = np.array([day_number(one.issued_on) for one in lots])[lot] + rng.integers(0, 3, len(lots))[lot]
    valid_to = np.array([day_number(one.valid_to) for one in lots])[lot]
    # A prescriber receives its carnets of a lot on one day.
    shape = (len(lots), structures.prescribers.height)
    carriage = rng.uniform(6, 30, shape)[lot, prescriber]
    delivered = days.after(issued, carriage)
    luck = rng.random(count)
    is_cancelled = luck < 0.003
    delivered = np.where((luck < 0.03) | (delivered > end), NEVER, delivered)
    wish = days.after(np.minimum(delivered, end), rng.gamma(1.6, 42, count) + 1)
    # The issuer tells prescribers to stop fifteen days before the end of validity.
    stays = (delivered == NEVER) | (wish > np.minimum(valid_to - 16, end)) | (rng.random(count) < 0.025)
    prescribed = np.where(stays, NEVER, wish)
    status = np.full(count, "livre", dtype="<U8")
    status_day = np.full(count, NEVER)
    usable_until = np.full(count, NEVER)

    trouble = rng.random(count)
    is_lost = (delivered != NEVER) & (trouble < 0.006)
    lost_day = days.after(np.minimum(delivered, end), rng.gamma(2, 60, count) + 1)
    is_lost &= lost_day <= end
    prescribed = np.where(is_lost & (prescribed >= lost_day), NEVER, prescribed)
    status[is_lost] = np.where(trouble[is_lost] < 0.004, "perdu", "vole")
    status_day[is_lost] = lost_day[is_lost]
    usable_until[is_lost] = lost_day[is_lost] - 1

    cancel_day = days.after(issued, rng.uniform(3, 20, count))
    is_cancelled &= cancel_day <= end
    status[is_cancelled], status_day[is_cancelled] = "annule", cancel_day[is_cancelled]

    unused = (delivered != NEVER) & (prescribed == NEVER) & ~is_lost
    return_day = days.after(
        valid_to - 14,
        rng.uniform(0.5, 20, len(lots) * structures.prescribers.height)[
            lot * structures.prescribers.height + prescriber
        ],
    )
    is_returned = unused & (return_day <= end) & (return_day > delivered) & (rng.random(count) < 0.5)
    status[is_returned], status_day[is_returned] = "retourne", return_day[is_returned]
    return Carnets(
        lots, lot, territory, prescriber, passes, FIRST_PASS + np.cumsum(passes) - passes,
        issued, valid_to, delivered, status, status_day, prescribed, usable_until,
    )  # fmt: skip


def first_month(carnets: Carnets) -> int:
    """The month of the first issuance: deliveries begin with it."""
    return int(month_index(carnets.issued.min(keepdims=True))[0])
