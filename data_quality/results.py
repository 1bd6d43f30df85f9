"""The result of one check of one build, whichever tool ran it. Does not live here: running checks (gate, dbt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["bloquant", "avertissement"]
Status = Literal["ok", "ko", "erreur"]


@dataclass(frozen=True)
class CheckResult:
    """Grain: one check of one build. `sentence` is French; `erreur` = the check itself could not run."""

    code: str
    table_name: str
    severity: Severity
    status: Status
    observed: str
    expected: str
    owner: str
    sentence: str

    @property
    def blocks(self) -> bool:
        """A blocking check that fails, or that could not be evaluated, refuses the publication."""
        return self.severity == "bloquant" and self.status != "ok"
