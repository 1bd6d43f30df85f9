"""How old the data and the deliveries are, for a person who reads today: what pages, reports and mails say of it.

Days are calendar days in Europe/Paris; the caller gives today's. Does not live here: the checks on what the data lack
at their own date (data_quality/), the alert on files that no longer come (reporting/quality/alert.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from presentation.french import NBSP, count, day_long
from presentation.labels import DATASET, in_sentence

#: Days of a silence that lasts: three months. What is said of it is no longer a reminder.
LASTING_DAYS = 90


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

    @property
    def lateness(self) -> dict[str, str]:
        """What the head of a page adds when the data are older, TODAY, than the delay between two deliveries."""
        if not self.is_late:
            return {}
        limit = count(self.expected_days, "jour")
        return {
            "Données au": f"{day_long(self.as_of)} ({self.age})",
            "Livraisons": f"en retard au {day_long(self.today)}, attendues tous les {limit} au plus",
        }


def late_sentences(fresh: pl.DataFrame, as_of: date, today: date) -> list[tuple[bool, str]]:
    """(whether it is a warning, sentence): what is late today, then what was at the date of the data."""
    found = []
    for column, day, when in (
        ("late_today", today, f"Aujourd'hui ({day_long(today)})"),
        ("late", as_of, f"À la date des données ({day_long(as_of)})"),
    ):
        late = fresh.filter(column).to_dicts()
        if late:
            names = " ; ".join(_named(row, day) for row in late)
            found.append((True, f"{when}, livraisons en retard : {names}."))
        else:
            found.append((False, f"{when}, aucune livraison attendue n'est en retard."))
    return found


def _named(row: dict[str, Any], day: date) -> str:
    name = in_sentence(DATASET.get(row["dataset"], row["dataset"]))
    if row["last_extract_on"] is None:
        return f"{name}, jamais livré"
    age = count((day - row["last_extract_on"]).days, "jour")
    return f"{name}, il y a {age} (attendu tous les {row['days_expected']}{NBSP}jours)"
