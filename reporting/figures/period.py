"""A period as a user writes it (2022-T4, 2022, 2022-10): its days, months, French name. No data here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from presentation.sentences import not_a_period
from programme.models import add_months


class PeriodError(Exception):
    """Not a period, or one the data do not reach; the French message says what to write."""


@dataclass(frozen=True)
class Period:
    """A month, a quarter or a year. `start` and `end` are its first and last days, both included."""

    code: str
    start: date
    end: date

    @property
    def months(self) -> list[date]:
        """First days of its months."""
        count = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        return [add_months(self.start, number) for number in range(count)]

    @property
    def ends_year(self) -> bool:
        return self.end.month == 12

    @property
    def label(self) -> str:
        """« octobre 2022 », « 4e trimestre 2022 », « année 2022 »."""
        if "T" in self.code:
            number = int(self.code[-1])
            return f"{number}{'er' if number == 1 else 'e'} trimestre {self.start.year}"
        if len(self.code) == 4:
            return f"année {self.code}"
        return format_date(self.start, "LLLL y", locale="fr_FR")

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return _of(add_months(self.start, -len(self.months)), len(self.months))

    @property
    def year_before(self) -> Period:
        """The same period of the year before."""
        return _of(add_months(self.start, -12), len(self.months))


def parse_period(text: str) -> Period:
    """2022, 2022-T4 (or 2022T4, T4 2022) or 2022-10 (or 10/2022). Raises PeriodError (French)."""
    plain = text.strip().upper().replace(" ", "")
    if found := re.fullmatch(r"(20\d{2})-?[TQ]([1-4])", plain):
        year, number = int(found[1]), int(found[2])
        return _of(date(year, 3 * number - 2, 1), 3)
    if found := re.fullmatch(r"[TQ]([1-4])-?(20\d{2})", plain):
        return parse_period(f"{found[2]}-T{found[1]}")
    if re.fullmatch(r"20\d{2}", plain):
        return _of(date(int(plain), 1, 1), 12)
    if (found := re.fullmatch(r"(20\d{2})-(\d{1,2})", plain)) and 1 <= int(found[2]) <= 12:
        return _of(date(int(found[1]), int(found[2]), 1), 1)
    if found := re.fullmatch(r"(\d{1,2})/(20\d{2})", plain):
        return parse_period(f"{found[2]}-{found[1]}")
    raise PeriodError(not_a_period(text, ("une année (2022)", "un trimestre (2022-T4)", "un mois (2022-10)")))


def quarter_before(day: date) -> Period:
    """The last quarter that ended before `day`."""
    return _of(date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 3).before


def _of(start: date, months: int) -> Period:
    """A month, a quarter or a year, from its first day."""
    year, quarter = f"{start.year:04d}", (start.month + 2) // 3
    code = {1: f"{year}-{start.month:02d}", 3: f"{year}-T{quarter}", 12: year}[months]
    return Period(code, start, add_months(start, months) - timedelta(days=1))
