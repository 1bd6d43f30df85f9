"""The result of one check of one build, whichever tool ran it.

Kept by build/history.py. Does not live here: running checks (data_quality/, dbt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict  # pydantic reads this one alone under Python 3.12

Severity = Literal["bloquant", "avertissement"]
Status = Literal["ok", "ko", "erreur"]

#: Failing rows kept for one check: all of them but for an accident. The reports add up what they touch and compare
#: them with the last report: a list cut short would understate euros and call « corrigé » what fell off its end.
MAX_FAILURES = 20_000


class Failure(TypedDict):
    """Grain: one unit (file, lieu, territory, day at a lieu…) that fails a check of a build.

    `detail` is French and holds no pass, carnet or beneficiary number. `source_lines`: the numbers of the lines at
    fault in that file, « 15, 31, 41 ». Unknown measures are None.
    """

    territory_code: str | None
    lieu_siret: str | None
    prescriber_siret: str | None
    source_file_id: str | None
    source_lines: str | None
    detail: str
    passes: int | None
    amount_eur: float | None
    hours: float | None


@dataclass(frozen=True)
class CheckResult:
    """Grain: one check of one build. `sentence` is French; `erreur` = the check itself could not run.

    `failures`: at most MAX_FAILURES failing units, those that touch most euros, hours and passes first.
    """

    code: str
    table_name: str
    severity: Severity
    status: Status
    observed: str
    expected: str
    owner: str
    sentence: str
    failures: Sequence[Failure] = ()
    #: What its owner should do, in French; empty where the check itself says nothing (presentation/mends.py).
    mend: str = ""

    @property
    def blocks(self) -> bool:
        """A blocking check that fails, or that could not be evaluated, refuses the publication."""
        return self.severity == "bloquant" and self.status != "ok"
