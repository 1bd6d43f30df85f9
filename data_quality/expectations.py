"""What a check is: its code, sentence, severity, owner, reason, and the Great Expectations expectation it makes.

Does not live here: running them (gate), the checks themselves (suites/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from data_quality.results import Severity


@dataclass(frozen=True)
class Check:
    """One expectation on a small profile. `profile` gives the SQL of the frame, `expectation` the GX object.

    `sentence`, `expected` and `why` are French; `observed` turns the profile into what the reader is shown.
    """

    code: str
    table_name: str
    severity: Severity
    owner: str
    sentence: str
    expected: str
    why: str
    profile: Callable[[Any], str]
    expectation: Callable[[Any], Any]
    observed: Callable[[Any], str] | None = None
