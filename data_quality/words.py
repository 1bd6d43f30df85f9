"""What was observed, in French: one sentence for a check that holds, one for a check that fails.

Does not live here: the sentences of the checks themselves (suites/).
"""

from __future__ import annotations

from data_quality.expectations import Check
from data_quality.units import Failing
from presentation.french import count, decimal, integer, percent


def describe_success(check: Check, nearest: float | None) -> str:
    """The value nearest the threshold, where units were judged and it says something."""
    if nearest is None or check.value_kind is None:
        return "rien à signaler"
    return f"au {'moins' if check.worst_is_lowest else 'plus'} {write_value(nearest, check)}"


def describe_failure(check: Check, failing: Failing) -> str:
    """How many units fail, and the first of them (the worst)."""
    return f"{count(failing.count, check.unit, make_plural(check.unit))} en défaut ; en tête : {failing.worst}"


def write_value(value: float, check: Check) -> str:
    """A value of the profile as a reader expects it: 12,3 %, 1 234, 40 jours."""
    if check.value_kind == "share":
        return percent(value)
    if check.value_kind == "decimal":
        return decimal(value)
    return count(value, "jour") if check.value_kind == "days" else integer(value)


def make_plural(unit: str) -> str:
    """The plural of a short French noun phrase: each word takes its mark (« jour d'un lieu » → « jours d'un lieu »)."""
    head, *rest = unit.split(" ", 1)
    plural = head + "x" if head.endswith("eu") else head if head[-1] in "sxz" else head + "s"
    return " ".join([plural, *rest])
