"""How old the data are, for a person who reads today: the one sentence that pages, reports and mails share.

Days are calendar days in Europe/Paris; the caller gives today's. Does not live here: the checks on what the data lack
at their own date (data_quality/), the alert on files that no longer come (reporting/quality/alert.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from presentation.french import count, day_long


@dataclass(frozen=True)
class Freshness:
    """The age of data up to `as_of`, read on `today`; late beyond `expected_days` (expected_delivery_days)."""

    as_of: date
    today: date
    expected_days: int

    @property
    def days(self) -> int:
        return (self.today - self.as_of).days

    @property
    def is_late(self) -> bool:
        return self.days > self.expected_days

    @property
    def age(self) -> str:
        """« aujourd'hui », « il y a 12 jours »."""
        return f"il y a {count(self.days, 'jour')}" if self.days > 0 else "aujourd'hui"

    @property
    def sentence(self) -> str:
        """« Données au 31 décembre 2023, il y a 12 jours. », and that they are late when they are."""
        told = f"Données au {day_long(self.as_of)}, {self.age}"
        if not self.is_late:
            return f"{told}."
        return f"{told} : en retard, une livraison est attendue au moins tous les {count(self.expected_days, 'jour')}."
