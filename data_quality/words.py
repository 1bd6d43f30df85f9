"""What was observed, in French: one sentence for a check that holds, one for a check that fails.

Does not live here: the sentences of the checks themselves (suites/).
"""

from __future__ import annotations

import pandas as pd
from babel.numbers import format_decimal

from data_quality.expectations import Check

NO_BREAK = "\u00a0"


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
    count = len(failing)
    units = check.unit if count == 1 else make_plural(check.unit)
    return f"{format_decimal(count, locale='fr_FR')} {units} en défaut ; en tête : {failing.iloc[0]['detail']}"


def write_value(value: float, check: Check) -> str:
    """A value of the profile as a reader expects it: 12,3 %, 1 234, 40 jours."""
    if check.kind == "share":
        return format_decimal(100 * value, format="#,##0.0", locale="fr_FR") + NO_BREAK + "%"
    if check.kind == "decimal":
        return format_decimal(value, format="#,##0.0", locale="fr_FR")
    number = format_decimal(round(value), locale="fr_FR")
    return f"{number}{NO_BREAK}jour{'s' if abs(value) >= 2 else ''}" if check.kind == "days" else number


def make_plural(unit: str) -> str:
    """The plural of a short French noun phrase: each word takes its mark (« jour d'un lieu » → « jours d'un lieu »)."""
    head, *rest = unit.split(" ", 1)
    plural = head + "x" if head.endswith("eu") else head if head[-1] in "sxz" else head + "s"
    return " ".join([plural, *rest])
