"""What a check is to Great Expectations, in French: its expectations as an engineer of the field knows them.

The catalogue and the page of the results show it. Does not live here: thresholds in words (Check.expected), what was
observed (words).
"""

from __future__ import annotations

from dataclasses import dataclass

from data_quality.expectations import Check, Condition, TableCheck
from data_quality.validation import NO_FAILING_UNIT

#: Another expectation is told by the name of its class: a new check needs no other place.
_GLOSSES = {
    "ExpectColumnValuesToBeBetween": "valeurs entre des bornes",
    "ExpectColumnValuesToBeInSet": "valeurs d'une liste",
    "ExpectColumnValuesToNotBeNull": "valeurs renseignées",
    "ExpectColumnValuesToBeUnique": "valeurs uniques",
    "ExpectCompoundColumnsToBeUnique": "combinaisons uniques",
    "ExpectColumnPairValuesAToBeGreaterThanB": "première colonne au moins égale à la seconde",
    "ExpectColumnSumToBeBetween": "somme entre des bornes",
}
_OPERATORS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}


@dataclass(frozen=True)
class Nature:
    """One expectation: the table it judges, its class in Great Expectations, that class in French, its columns.

    `where`: its row condition in words, empty without one.
    """

    table: str
    type: str
    gloss: str
    columns: tuple[str, ...]
    where: str


def natures(check: Check) -> list[Nature]:
    """The expectations of a check; a check of lines is judged on its count of failing units."""
    if not isinstance(check, TableCheck):
        counted = NO_FAILING_UNIT
        return [Nature(check.table_name, counted.type, "lignes comptées en SQL", tuple(counted.judged), "")]
    return [
        Nature(check.table.name, e.type, _GLOSSES.get(e.type, e.type), tuple(e.judged), " et ".join(map(_say, e.when)))
        for e in check.expectations
    ]


def _say(condition: Condition) -> str:
    column, operator, value = condition
    said = {True: "oui", False: "non"}[value] if isinstance(value, bool) else str(value).replace(".", ",")
    return f"{column} {_OPERATORS.get(operator, operator)} {said}"
