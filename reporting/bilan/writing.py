"""How a figure of the bilan is written: a value of figures.summary in its unit, « s » where it is withheld.

Does not live here: which figures (the other modules of this folder), the writing of a number (presentation/french.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from presentation.french import euros_round, integer, percent
from presentation.table import WITHHELD

MISSING = "—"


def text(row: Mapping[str, Any], scope: str) -> str:
    """The value of a row of figures.summary, « period » or « cum »."""
    if row[f"mask_{scope}"]:
        return WITHHELD
    value = row[f"value_{scope}"]
    return MISSING if value is None else write(value, row["unit"])


def write(value: float, unit: str) -> str:
    """An amount in the unit of figures.summary, without its name but for euros."""
    return euros_round(value) if unit == "euro" else percent(value) if unit == "ratio" else integer(value)
