"""What a projection says of its target, and how far it may be trusted: the same words on pages and in documents.

Pure functions on rows of marts.projection and marts.projection_reliability. Does not live here: the projection (dbt),
where these words are shown (dashboards/, reporting/).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import polars as pl

from presentation.french import NBSP, day_long, integer, month, percent
from programme.config import Programme

#: The scenario of every headline: the passes that exist, nothing more.
HEADLINE = "sans_reemission"
WITH_BUDGET = "budget_restant"
#: What the physical ceiling is, in words.
IF_ALL_SERVED = "si chaque pass valable servait"
#: What a target missed for want of pace, or for want of passes, asks for.
RAISE_THE_PACE = "Relancer prescriptions et formations : les pass existants suffisent, s'ils servent avant d'expirer"
_UNIT = "abcdefghijklmnopqrstuvwxyz€ " + NBSP


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

    @property
    def may_reissue(self) -> bool:
        """Out of reach, unless the budget left is issued: then the ceiling is at the target or above."""
        more = self.end_with_budget
        return self.verdict is Verdict.OUT_OF_REACH and more is not None and more["ceiling"] >= more["target"]

    @property
    def asks(self) -> str:
        """What a target that is not sure to be met asks for; empty where nothing is to be decided."""
        if self.verdict is Verdict.OUT_OF_REACH:
            if self.may_reissue:
                return "Décider d'émettre de nouveaux carnets : les pass existants n'y suffisent plus"
            return "Réviser l'objectif, hors d'atteinte même avec le budget restant"
        return RAISE_THE_PACE if self.verdict is Verdict.MISSED else ""

    def band(self, write: Callable[[float], str]) -> str:
        """« de 31 530 à 32 840 personnes », at the mandate's end."""
        return _band(self.end, write)

    def at_most(self, write: Callable[[float], str]) -> str:
        """The physical ceiling: « au plus 33 000 personnes, si chaque pass valable servait »."""
        return f"au plus {write(self.end['ceiling'])}, {IF_ALL_SERVED}"

    def brief(self, write: Callable[[float], str]) -> str:
        """What becomes of the target, in the words of a first screen. `write`: an amount with its unit."""
        end, found = self.end, self.verdict
        if found is Verdict.OUT_OF_REACH:
            return f"au plus {write(end['ceiling'])} sur {write(end['target'])}, {IF_ALL_SERVED}"
        if found is Verdict.MET:
            return f"objectif atteint vers {month(self.met_on)}"
        if found is Verdict.MISSED:
            return f"il manquerait {write(end['target'] - end['median'])} sur {write(end['target'])}"
        band = _band(end, write)
        return f"{band}, pour un objectif de {write(end['target'])}" if end["target"] is not None else band

    def sentence(self, write: Callable[[float], str]) -> str:
        """What becomes of the target, the band, then the ceiling. `write`: an amount with its unit."""
        end, found, met_on = self.end, self.verdict, self.met_on
        band = f"{_band(end, write)} en fin de mandat ({day_long(end['target_on'])})"
        at_most = self.at_most(write)
        if found is None:
            parts = [band, at_most]
        elif found is Verdict.OUT_OF_REACH:
            target = f"l'objectif de {write(end['target'])} ne peut plus être atteint avec les pass existants"
            parts = [f"manqué : {target} : {at_most}", f"au rythme actuel, {band}"]
        elif found is Verdict.MET:
            parts = [f"atteint au rythme actuel, vers {month(met_on)} : {band}", at_most]
        elif found is Verdict.UNCERTAIN and met_on is not None:
            parts = [
                f"incertain : {band}",
                f"au rythme actuel, l'objectif serait atteint vers {month(met_on)}",
                at_most,
            ]
        else:
            gap = f"il manquerait {write(end['target'] - end['median'])}"
            word = "manqué au rythme actuel" if found is Verdict.MISSED else "incertain"
            parts = [f"{word} : {band}", f"{gap} pour atteindre l'objectif", at_most]
        if self.end_with_budget is not None:
            other = self.end_with_budget
            parts.append(f"en réémettant le budget restant, {_band(other, write)}, au plus {write(other['ceiling'])}")
        return " ; ".join(parts) + (" (projection indicative)." if end["is_indicative"] else ".")


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


def not_projected(as_of: date, programme: Programme) -> str:
    """Why there is no projection: the mandate has ended, else too little happened."""
    ended = programme.mandate_ends_on
    if as_of >= ended:
        return f"Le mandat a pris fin le {day_long(ended)} : il n'y a plus rien à projeter."
    return "Trop peu d'activité pour projeter la fin du mandat."


def trust(reliability: Mapping[str, Any], programme: Programme, of: str = "") -> str:
    """How often the bands made at past dates held, and how fine they are, for someone who is no statistician.

    `reliability`: a row of marts.projection_reliability, judged by the settings of `programme`; `of`: the measure,
    where the text does not name it.
    """
    trials = reliability["trials"]
    if not trials:
        return "Projection indicative : l'historique est trop court pour la mettre à l'épreuve."
    share = percent(reliability["within_share"], 0)
    text = (
        f"À l'épreuve du passé{f' ({of})' if of else ''} : refaite à la fin des trimestres passés, la fourchette a "
        "contenu ce qui est venu "
        f"{integer(reliability['within_band'])} fois sur {integer(trials)} ({share}, pour 80\u00a0% visés)"
    )
    if reliability["is_indicative"]:
        least, most = (percent(share, 0) for share in (programme.trust_share_min, programme.trust_share_max))
        text += (
            f" : elle reste indicative tant que cette part n'est pas entre {least} et {most}, sur "
            f"{integer(programme.trust_min_trials)} essais au moins."
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
    """« de 31 530 à 32 840 personnes »: the unit once."""
    low, high = write(row["low"]), write(row["high"])
    return low if low == high else f"de {low.rstrip(_UNIT)} à {high}"
