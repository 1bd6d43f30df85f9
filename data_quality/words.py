"""What was observed, in French: one sentence for a check that holds, one for a check that fails.

Does not live here: the sentences of the checks themselves (suites/).
"""

from __future__ import annotations

import pandas as pd

from data_quality.expectations import Check
from programme.french import count, decimal, integer, percent


def describe_success(check: Check, values: pd.Series) -> str:
    """The value nearest the threshold, where units were judged."""
    judged = values.dropna()
    if judged.empty or (check.kind == "count" and check.maximum == 0):
        return "rien à signaler"
    if check.minimum is None:
        return f"au plus {write_value(judged.max(), check)}"
    return f"au moins {write_value(judged.min(), check)}"


def describe_failure(check: Check, failing: pd.DataFrame) -> str:
    """How many units fail, and the first of them (the worst)."""
    units = count(len(failing), check.unit, make_plural(check.unit))
    return f"{units} en défaut ; en tête : {failing.iloc[0]['detail']}"


def write_value(value: float, check: Check) -> str:
    """A value of the profile as a reader expects it: 12,3 %, 1 234, 40 jours."""
    if check.kind == "share":
        return percent(value)
    if check.kind == "decimal":
        return decimal(value)
    return count(value, "jour") if check.kind == "days" else integer(value)


def make_plural(unit: str) -> str:
    """The plural of a short French noun phrase: each word takes its mark (« jour d'un lieu » → « jours d'un lieu »)."""
    head, *rest = unit.split(" ", 1)
    plural = head + "x" if head.endswith("eu") else head if head[-1] in "sxz" else head + "s"
    return " ".join([plural, *rest])
