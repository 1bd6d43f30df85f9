"""What a check is: its code, sentence, severity, owner, threshold and reason, and the profile it is judged on.

Does not live here: running them (gate), the checks themselves (suites/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from data_quality.context import GateContext
from data_quality.results import Severity

Bound = float | Callable[[GateContext], float]
Kind = Literal["count", "share", "decimal", "days"]
Owner = Literal["MGP", "prescripteur", "lieu", "#APTIC"]


@dataclass(frozen=True)
class Check:
    """One expectation on a small profile made by DuckDB.

    `profile`: SQL of one row a unit judged (a file, a lieu, a territory…), at least `value` and `detail` (French,
    with no pass, carnet or beneficiary number), and where it makes sense `territory_code`, `lieu_siret`,
    `prescriber_siret`, `source_file_id`, `passes`, `amount_eur`, `hours`. A null value is not judged.
    Every value lies between `minimum` and `maximum`; `unit` is the French singular of what is judged.
    `sentence`, `expected`, `why` and `mend` are French: the rule, its threshold (a setting in braces is written with
    its value: « {expected_delivery_days} jours »), the reason of that threshold, what its owner should do.
    `needs_previous`: there is nothing to judge where no version was published before.
    """

    code: str
    table_name: str
    owner: Owner
    sentence: str
    expected: str
    why: str
    mend: str
    profile: str
    unit: str
    severity: Severity = "avertissement"
    maximum: Bound | None = 0
    minimum: Bound | None = None
    kind: Kind = "count"
    needs_previous: bool = False

    def expected_in(self, context: GateContext) -> str:
        """`expected` with the values of the settings it names."""
        share = f"{100 * context.max_rejected_share:g}".replace(".", ",") + "\u00a0%"
        return self.expected.format(max_rejected_share=share, expected_delivery_days=context.expected_delivery_days)

    def expectation(self, context: GateContext) -> Any:
        """The Great Expectations expectation, on the column of the suite's batch named by the code."""
        import great_expectations.expectations as gxe

        return gxe.ExpectColumnValuesToBeBetween(
            column=self.code, min_value=_bound(self.minimum, context), max_value=_bound(self.maximum, context)
        )


def _bound(bound: Bound | None, context: GateContext) -> float | None:
    return bound(context) if callable(bound) else bound
