"""Days on which the programme works, and how much: draws dates with seasons by inverting a cumulative weight.

Days are integers since 1970-01-01 (what Polars casts to a Date). Does not live here: who does what that day.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from programme.holidays_fr import public_holidays

EPOCH = date(1970, 1, 1)
#: August trough, autumn peak: share of an ordinary month's activity, January first.
_SEASON = np.array([0.90, 0.95, 1.05, 0.92, 0.95, 1.08, 0.60, 0.18, 1.15, 1.25, 1.18, 0.72])
#: Monday to Sunday: closed on Sunday, a few people on Saturday.
_WEEK = np.array([0.9, 1.1, 1.05, 1.1, 0.95, 0.2, 0.0])
#: Lockdowns in France: almost nothing, then half.
_LOCKDOWNS = (
    (date(2020, 3, 17), date(2020, 5, 10), 0.05),
    (date(2020, 10, 30), date(2020, 12, 14), 0.35),
    (date(2021, 4, 3), date(2021, 5, 2), 0.45),
)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)


class WorkingDays:
    """The calendar from 1 January of `first`'s year to 31 December of the year after `last`."""

    def __init__(self, first: date, last: date) -> None:
        start, stop = date(first.year, 1, 1), date(last.year + 1, 12, 31)
        self.origin = day_number(start)
        days = np.arange(self.origin, day_number(stop) + 1)
        dates = days.astype("datetime64[D]")
        weights = _WEEK[(days + 3) % 7] * _SEASON[dates.astype("datetime64[M]").astype(int) % 12]
        for begin, end, share in _LOCKDOWNS:
            weights[(dates >= np.datetime64(begin)) & (dates <= np.datetime64(end))] *= share
        closed = [day_number(day) for day in public_holidays(start.year, stop.year)]
        weights[np.isin(days, closed)] = 0.0
        self._is_open = weights > 0
        self._cumulative = np.cumsum(weights)

    @property
    def beyond(self) -> int:
        """The day given where the calendar is too short: later than every other."""
        return self.origin + len(self._cumulative)

    def after(self, day: np.ndarray, amount: np.ndarray | float) -> np.ndarray:
        """The working day reached when `amount` (> 0, in ordinary days of work) has gone by since `day`."""
        start = self._cumulative[np.clip(day - self.origin, 0, len(self._cumulative) - 1)]
        return self.origin + np.searchsorted(self._cumulative, start + amount, side="left")

    def is_open(self, day: np.ndarray) -> np.ndarray:
        """Whether anything happens on those days: neither Sundays nor public holidays."""
        return self._is_open[np.clip(day - self.origin, 0, len(self._is_open) - 1)]


def month_index(day: np.ndarray) -> np.ndarray:
    """Months since January 1970."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_last_day(month: int) -> date:
    """The last day of a month given by its index: the extract date of that month's deliveries."""
    return month_end(date(1970 + month // 12, month % 12 + 1, 1))
