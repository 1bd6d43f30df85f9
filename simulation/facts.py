"""Draws the whole programme: each part has its own stream of chance, so that one can change without the others.

A large programme is drawn part by part (`draw_parts`), each in the memory of one: the structures are the same, the
numbers follow one another, the money is of the whole. Does not live here: how each part is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from programme.config import Programme
from simulation.budget import book
from simulation.carnets import issue_carnets, plan_lots
from simulation.extracts import Facts, Shift
from simulation.prescriptions import prescribe
from simulation.structures import make_structures
from simulation.visits import attend, redeem
from simulation.working_days import WorkingDays, day_number, month_end

#: Carnets drawn at once: two gigabytes of memory.
AT_ONCE = 1_000_000


def draw_facts(programme: Programme, carnets: int, seed: int) -> Facts:
    """The programme of `carnets` carnets, from the signature to the end of the agreement's last month."""
    return next(draw_parts(programme, carnets, seed, at_once=carnets))


def draw_parts(programme: Programme, carnets: int, seed: int, at_once: int = AT_ONCE) -> Iterator[Facts]:
    """The same programme, `at_once` carnets at a time. The budget of a part is that of all the parts so far: the last
    one has the whole. As many carnets at once as there are give the same facts whatever `at_once`."""
    chance = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
    end = month_end(programme.agreement_ends_on)
    lots = plan_lots(programme)
    days, last = (
        WorkingDays(min([programme.agreement_signed_on, *(lot.issued_on for lot in lots)]), end),
        day_number(end),
    )
    structures = make_structures(programme, end, chance[0])
    shift, passes = Shift(), np.zeros(len(lots), dtype=int)
    used = pl.DataFrame(schema={"lot": pl.Int64, "day": pl.Int64, "passes": pl.Int64})
    for part, first in enumerate(range(0, carnets, at_once)):
        if part:
            chance = [np.random.default_rng(s) for s in np.random.SeedSequence([seed, part]).spawn(5)]
        issued = issue_carnets(programme, min(at_once, carnets - first), structures, days, last, chance[1])
        prescriptions = prescribe(issued, last, chance[2])
        visits = attend(issued, structures, days, last, chance[3])
        redemptions = redeem(visits, issued, last, chance[4])
        counted = redemptions.filter(~pl.col("statut").is_in(["rejetee", "annulee"]))["visit"].to_numpy()
        spent = pl.DataFrame({"lot": issued.lot[visits.carnet[counted]], "day": visits.day[counted]})
        spent = spent.group_by("lot", "day").agg(passes=pl.len().cast(pl.Int64))
        used = pl.concat([used, spent]).group_by("lot", "day").agg(pl.col("passes").sum()).sort("lot", "day")
        passes = passes + np.bincount(issued.lot, issued.passes, minlength=len(lots)).astype(int)
        budget = book(programme, lots, passes, used, days, last)
        facts = Facts(programme, structures, issued, prescriptions, visits, redemptions, budget, last, shift)
        yield facts
        shift = replace(
            shift,
            carnets=shift.carnets + len(issued),
            passes=shift.passes + int(issued.passes.sum()),
            people=shift.people + prescriptions.height,
            prescriptions=shift.prescriptions + prescriptions.height,
            sessions=shift.sessions + int(visits.told_session.max(initial=0)),
            uses=shift.uses + redemptions.height,
        )
