"""The step of what a page shows in time, a month or a whole quarter, and its words.

Does not live here: the choice of it (filters.py), the rows of a step (queries*.py). No Streamlit here.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.coverage import Choice


@dataclass(frozen=True)
class Step:
    """word: what a row or a column is of, plural: several of them; title: the heading of the column of their first
    months; since: what is said before that month in a sentence; choices: what a file says of it, and its name."""

    word: str
    plural: str
    title: str
    since: str
    choices: tuple[Choice, ...] = ()

    @property
    def is_quarter(self) -> bool:
        return self.word == "trimestre"

    @property
    def one_by_one(self) -> str:
        """« trimestre par trimestre »."""
        return f"{self.word} par {self.word}"

    def nothing(self, told: str, span: str) -> str:
        """What is said where nothing is left to show. `told`: what a page says of months, which may be false of
        quarters: those of the period may all be cut by it."""
        return f"Aucun trimestre entier à montrer, {span}." if self.is_quarter else told


MONTH = Step("mois", "mois", "Mois", "en")
QUARTER = Step(
    "trimestre",
    "trimestres",
    "Trimestre commençant en",
    "le trimestre commencé en",
    (Choice("pas de temps", "trimestre entier"),),
)
