"""What is wrong in the configuration, said in French to the person who edits it.

Lives here: the error of this room and its wording. Lives elsewhere: the checks that find the mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in one configuration file.

    `line` counts from 1 as an editor shows it; None where the mistake is not on a line (a missing file).
    `expected` says how to mend it, in French.
    """

    file: str
    what: str
    expected: str
    line: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = [self.file]
        if self.line is not None:
            place.append(f"ligne {self.line}")
        if self.column is not None:
            place.append(f"colonne « {self.column} »" if self.file.endswith(".csv") else f"« {self.column} »")
        if self.value is not None:
            place.append(f"valeur « {self.value} »")
        return f"{', '.join(place)} : {self.what}. {self.expected}"


class ProgrammeError(ValueError):
    """The configuration cannot be used. `problems` lists every mistake found; str() is the French message."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = len(problems)
        title = "La configuration du programme est à corriger"
        title += " :" if count == 1 else f" ({count} points) :"
        super().__init__("\n".join([title, *(f"  - {problem}" for problem in problems)]))
