"""Realistic deliveries, invented: the door to the simulator (`passnum simulate`).

Lives here: checking what is asked, the order of the work, the account of the facts. Does not live here: how a
programme is drawn and written (the package `simulation`; start with its docstring).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from programme.config import Programme
from simulation.carnets import first_month
from simulation.delivery import DirtyDelivery, Writer, deliver_clean, deliver_parts
from simulation.dirt import PERSONAL_MARKERS
from simulation.extracts import Facts, list_extracts
from simulation.facts import AT_ONCE, draw_parts
from simulation.summary import FileSummary, SimulationError, Summary
from simulation.working_days import EPOCH, month_last_day

__all__ = ["Dirt", "FileSummary", "SimulationError", "Summary", "simulate"]

Dirt = Literal["clean", "real", "nasty"]
#: Clean deliveries are drawn part by part, dirty ones whole, in memory.
MAX_CARNETS = {"clean": 20_000_000, "real": 5_000_000, "nasty": 5_000_000}
#: What is the same in every part.
_SHARED = ("lieux", "prescribers")


def simulate(out: Path, *, carnets: int, seed: int, dirt: Dirt, programme: Programme) -> Summary:
    """Write to `out` the monthly deliveries of a fictitious programme of `carnets` carnets (issue 2, item 5).

    The same arguments give the same bytes. Carnet numbers begin with DEMO, SIRETs with 999 or 000; every name
    says it is fictitious. `dirt`: clean (plain CSV), real (the same facts, written as files really arrive), nasty
    (real, and files and lines that must be refused). Raises SimulationError (French) where `out` is not an empty
    or new folder that can be written, or where a number is out of range.
    """
    _check(out, carnets, seed, dirt, programme)
    parts = draw_parts(programme, carnets, seed, AT_ONCE if dirt == "clean" else carnets)
    facts = next(parts)
    summary = Summary(
        out=out,
        dirt=dirt,
        seed=seed,
        first_extract=month_last_day(first_month(facts.carnets)),
        as_of=EPOCH.fromordinal(EPOCH.toordinal() + facts.end),
        facts=_count(facts),
        personal_markers=() if dirt == "clean" else PERSONAL_MARKERS,
    )
    writer = Writer(summary)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if carnets > AT_ONCE and dirt == "clean":
            deliver_parts(_counted(chain([facts], parts), summary), writer)
        elif dirt == "clean":
            deliver_clean(list_extracts(facts), writer)
        else:
            DirtyDelivery(writer, seed, is_nasty=dirt == "nasty").deliver(list_extracts(facts))
    except OSError as error:
        raise SimulationError(
            f"L'écriture dans {out} a échoué ({error.strerror}). Libérez de la place ou choisissez un autre dossier, "
            "puis videz celui-ci avant de recommencer."
        ) from error
    return summary


def _check(out: Path, carnets: int, seed: int, dirt: str, programme: Programme) -> None:
    most = MAX_CARNETS.get(dirt, 1)
    if dirt in MAX_CARNETS and not 1 <= carnets <= most:
        raise SimulationError(f"Nombre de carnets impossible : {carnets}. Demandez de 1 à {most} carnets.")
    if seed < 0:
        raise SimulationError(f"Graine impossible : {seed}. Donnez un nombre entier positif ou nul.")
    if dirt not in get_args(Dirt):
        raise SimulationError(f"Niveau de saleté inconnu : {dirt}. Choisissez clean, real ou nasty.")
    if not programme.territories:
        raise SimulationError("Aucun territoire dans territories.csv : il n'y a rien à simuler.")
    if out.exists() and not out.is_dir():
        raise SimulationError(f"{out} est un fichier. Indiquez un dossier vide ou à créer.")
    if out.is_dir():
        if not os.access(out, os.R_OK | os.W_OK | os.X_OK):
            raise SimulationError(
                f"Le dossier {out} n'est pas accessible en écriture. Changez ses droits ou de dossier."
            )
        if any(out.iterdir()):
            raise SimulationError(
                f"Le dossier {out} n'est pas vide : rien n'y est écrit, pour ne pas mêler des données fictives "
                "à d'autres. Indiquez un dossier vide ou à créer."
            )


def _counted(parts: Iterator[Facts], summary: Summary) -> Iterator[Facts]:
    """The parts, whose facts are added up as they are delivered; the structures are the same for all."""
    total: Counter[str] = Counter()
    for facts in parts:
        own = _count(facts)
        total.update({name: count for name, count in own.items() if name not in _SHARED})
        summary.facts = {name: own[name] if name in _SHARED else total[name] for name in own}
        yield facts


def _count(facts: Facts) -> dict[str, int]:
    """Facts by kind: what the warehouse should find again in the whole of the clean deliveries."""
    live = facts.prescriptions.filter("is_live")
    counted = facts.redemptions.filter(~pl.col("statut").is_in(["rejetee", "annulee"]))
    return {
        "carnets": len(facts.carnets),
        "passes": int(facts.carnets.passes.sum()),
        "prescriptions": live.height,
        "people": live.filter(pl.col("person") >= 0)["person"].n_unique(),
        "utilisations": counted["pass_number"].n_unique(),
        "lieux": facts.structures.lieux.height,
        "prescribers": facts.structures.prescribers.height,
    }
