"""How often each export is expected, and what is late on a day: the check PN-407 and the pages share it.

Does not live here: the setting expected_delivery_days (programme.yaml), the files received (ingestion/).
"""

from __future__ import annotations

from datetime import date

#: The data sets delivered every month, and those that come about once a quarter (exports §1).
MONTHLY = ("emissions", "prescriptions", "utilisations")
QUARTERLY = ("budget", "lieux")
#: A quarterly export is late after this many times the notice of a monthly one.
QUARTERLY_TIMES = 4


def days_expected(dataset: str, expected_delivery_days: int) -> int | None:
    """After how many days without an extract `dataset` is late; None for one that comes when there is news."""
    if dataset in MONTHLY:
        return expected_delivery_days
    return QUARTERLY_TIMES * expected_delivery_days if dataset in QUARTERLY else None


def is_late(last_extract_on: date | None, on: date, limit: int | None) -> bool:
    """Whether an export expected every `limit` days is late on a day; one never delivered is."""
    return limit is not None and (last_extract_on is None or (on - last_extract_on).days > limit)
