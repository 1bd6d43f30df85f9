"""What day it is: the one place that asks the clock for a calendar day, in Europe/Paris (figures, opening lines).

Does not live here: the date of the data (a version's as_of), how a day is written (presentation/french.py).
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def today_in_paris() -> date:
    """The calendar day in Europe/Paris."""
    return datetime.now(PARIS).date()
