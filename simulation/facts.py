"""Draws the whole programme: each part has its own stream of chance, so that one can change without the others.

Does not live here: how each part is drawn.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from programme.config import Programme
from simulation.budget import book
from simulation.carnets import issue_carnets, plan_lots
from simulation.extracts import Facts
from simulation.prescriptions import prescribe
from simulation.structures import make_structures
from simulation.visits import attend, redeem
from simulation.working_days import WorkingDays, day_number, month_end


def draw_facts(programme: Programme, carnets: int, seed: int) -> Facts:
    """The programme of `carnets` carnets, from the signature to the end of the agreement's last month."""
    chance = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(5)]
    end = month_end(programme.agreement_ends_on)
    first = min([programme.agreement_signed_on, *(lot.issued_on for lot in plan_lots(programme))])
    days, last = WorkingDays(first, end), day_number(end)
    structures = make_structures(programme, end, chance[0])
    issued = issue_carnets(programme, carnets, structures, days, last, chance[1])
    prescriptions = prescribe(issued, last, chance[2])
    visits = attend(issued, structures, days, last, chance[3])
    redemptions = redeem(visits, issued, last, chance[4])
    counted = redemptions.filter(~pl.col("statut").is_in(["rejetee", "annulee"]))["visit"].to_numpy()
    used = pl.DataFrame({"lot": issued.lot[visits.carnet[counted]], "day": visits.day[counted]})
    budget = book(programme, issued, used, days, last)
    return Facts(programme, structures, issued, prescriptions, visits, redemptions, budget, last)
