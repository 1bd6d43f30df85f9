"""What a projection says of its target, and how far it may be trusted: the same words on pages and in documents.

Pure functions on rows of marts.projection and marts.projection_reliability. Does not live here: the projection (dbt),
where these words are shown (dashboards/, reporting/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import polars as pl

from programme.french import day_long, integer, month, percent

#: The scenario of every headline: the passes that exist, nothing more.
HEADLINE = "sans_reemission"
WITH_BUDGET = "budget_restant"
#: What the physical ceiling is, in words.
IF_ALL_SERVED = "si chaque pass valable servait"


class Verdict(Enum):
    """What becomes of a target at the mandate's end."""

    OUT_OF_REACH = "manqué, hors d'atteinte"
    MISSED = "manqué"
    UNCERTAIN = "incertain"
    MET = "atteint"


@dataclass(frozen=True)
class Outlook:
    """One measure projected to the mandate's end: its row in each scenario, and the month its target would be met."""

    end: Mapping[str, Any]
    end_with_budget: Mapping[str, Any] | None
    met_on: Any

    @classmethod
    def of(cls, ahead: pl.DataFrame) -> Outlook | None:
        """Of the rows of marts.projection of one indicator; None where it is not projected to the mandate's end."""
        ends = {row["scenario"]: row for row in ahead.filter(pl.col("is_mandate_end")).iter_rows(named=True)}
        if HEADLINE not in ends:
            return None
        headline = ahead.filter(pl.col("scenario") == HEADLINE)
        met_on = headline.filter(pl.col("median") >= pl.col("target"))["target_on"].min()
        end, other = ends[HEADLINE], ends.get(WITH_BUDGET)
        reissues = other is not None and other["ceiling"] != end["ceiling"]
        return cls(end, other if reissues else None, met_on)

    @property
    def verdict(self) -> Verdict | None:
        return verdict(self.end)

    def band(self, write: Callable[[float], str]) -> str:
        """« 31 530 à 32 840 personnes en fin de mandat (17 février 2025) », then the ceiling."""
        text = f"{_band(self.end, write)} en fin de mandat ({day_long(self.end['target_on'])})"
        if self.verdict is not Verdict.OUT_OF_REACH:
            text += f" ; au plus {write(self.end['ceiling'])}, {IF_ALL_SERVED}"
        if self.end_with_budget is not None:
            other = self.end_with_budget
            text += f" ; en réémettant le budget restant : {_band(other, write)}, au plus {write(other['ceiling'])}"
        return text

    def sentence(self, write: Callable[[float], str]) -> str:
        """What becomes of the target, then the band and the ceiling. `write`: an amount with its unit."""
        end, found = self.end, self.verdict
        told = " (projection indicative)" if end["is_indicative"] else ""
        if found is None:
            return f"au rythme actuel, {self.band(write)}{told}."
        gap = write(end["target"] - end["median"])
        if found is Verdict.OUT_OF_REACH:
            says = (
                f"manqué : l'objectif de {write(end['target'])} ne peut plus être atteint avec les pass existants : "
                f"au plus {write(end['ceiling'])}, {IF_ALL_SERVED} ; au rythme actuel"
            )
        elif found is Verdict.MISSED:
            says = (
                f"manqué au rythme actuel : il manquerait {gap} pour atteindre l'objectif, et le haut de la fourchette "
                "n'y suffit pas"
            )
        elif found is Verdict.MET:
            says = f"au rythme actuel, l'objectif serait atteint vers {month(self.met_on)}"
        elif self.met_on is not None:
            says = f"au rythme actuel, l'objectif serait atteint vers {month(self.met_on)}, sans que ce soit certain"
        else:
            says = f"au rythme actuel, il manquerait {gap} pour atteindre l'objectif, qui reste dans la fourchette"
        return f"{says} : {self.band(write)}{told}."


def verdict(row: Mapping[str, Any]) -> Verdict | None:
    """Of a row of marts.projection: low, high and ceiling against target; None without a target.

    Out of reach: even if every usable pass served. Met or missed: the whole band is on one side.
    """
    target = row["target"]
    if target is None:
        return None
    if row["ceiling"] < target:
        return Verdict.OUT_OF_REACH
    if row["high"] < target:
        return Verdict.MISSED
    return Verdict.MET if row["low"] >= target else Verdict.UNCERTAIN


def trust(reliability: Mapping[str, Any]) -> str:
    """How often the bands made at past dates held, and how fine they are, for someone who is no statistician."""
    trials = reliability["trials"]
    if not trials:
        return "Projection indicative : l'historique est trop court pour la mettre à l'épreuve."
    share = percent(reliability["within_share"], 0)
    text = (
        f"À l'épreuve du passé : refaite à la fin des trimestres passés, la fourchette a contenu ce qui est venu "
        f"{integer(reliability['within_band'])} fois sur {integer(trials)} ({share}, pour 80\u00a0% visés)"
    )
    if reliability["is_indicative"]:
        text += (
            " : elle reste indicative tant que cette part n'est pas entre 70 et 95\u00a0%, sur vingt essais au moins."
        )
    else:
        text += "."
    if reliability["relative_interval_score"] is not None:
        score = percent(reliability["relative_interval_score"], 0)
        text += (
            f" Sa largeur et ses écarts (score d'intervalle) font en moyenne {score} de la valeur : "
            "plus c'est petit, plus elle est précise."
        )
    return text


def _band(row: Mapping[str, Any], write: Callable[[float], str]) -> str:
    low, high = write(row["low"]), write(row["high"])
    return low if low == high else f"{low} à {high}"
