"""How a number, an amount, a share, a day or an instant is written for a French reader.

Through babel (fr_FR): U+202F between thousands, decimal comma, a no-break space before a unit. Lives here: the one
writing that pages, documents, mails, checks and the command share. Lives elsewhere: the words of codes
(presentation/labels.py), the writing a column asks for by name (presentation/format_fr.py).
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from programme.clock import PARIS

#: Read once: babel would look it up again for every number.
LOCALE = Locale.parse("fr_FR")
UTC = ZoneInfo("UTC")
NBSP = "\u00a0"
NARROW = "\u202f"
_MONTHS = LOCALE.months["format"]["wide"].values()
#: The spaces that hold two words together.
_HELD = re.compile(r" (?=[:;!?»%])|(?<=«|°) |(?<=\d) (?=\d{3}\b)|(?<=(?<!\S)[−+=÷×]) (?=\S)")
_LONG_DAY = re.compile(rf"\b\d{{1,2}}(?:er)? (?:{'|'.join(_MONTHS)}) \d{{4}}\b")

#: Decimals of a sum that mean something: floats added up leave 1250.4999999999998 of a true 1250.5, which goes up.
SUM_PLACES = 9
#: From here on, hours are written without a decimal: they would round to 100.
WHOLE_HOURS_FROM = 99.95
#: Of a target under this, a part is written without a decimal.
WHOLE_PARTS_UNDER = 1000
#: Numbers kept as they are written.
KEPT_NUMBERS = 20_000

#: A loss has the sign of a sum, which is as wide as a figure: a hyphen reads as a dash. Charts have the same (d3).
MINUS = "−"

Number = int | float | Decimal


def integer(value: Number) -> str:
    """12 345."""
    return _written(value, "#,##0")


def decimal(value: Number, places: int = 1) -> str:
    """12 345,6 with exactly `places` decimals."""
    return _written(value, "#,##0." + "0" * places if places else "#,##0")


def _written(value: Number, pattern: str) -> str:
    # Nothing has no sign, which equality does not see: neither −0 nor what rounds to it.
    text = _kept(value, pattern) if value else format_decimal(0, format=pattern, locale=LOCALE)
    return text.replace("-", MINUS) if text.strip("-0,") else text.lstrip("-")


@lru_cache(maxsize=KEPT_NUMBERS, typed=True)
def _kept(value: Number, pattern: str) -> str:
    """A number written once: a page writes hundreds of them again at every filter, and babel takes its time.

    A half goes up, as in a workbook and in a chart: the same figure is not 1 234 here and 1 235 there.
    """
    if isinstance(value, float):
        value = round(value, SUM_PLACES)
    with localcontext(rounding=ROUND_HALF_UP):
        return format_decimal(value, format=pattern, locale=LOCALE)


def euros(value: Number) -> str:
    """12 345,60 € (to the cent)."""
    return f"{decimal(value, 2)}{NBSP}€"


def euros_round(value: Number) -> str:
    """12 346 €: for a headline, where cents hide the size."""
    return f"{integer(value)}{NBSP}€"


def hours(value: Number) -> str:
    """12 346 h; under a hundred, where half an hour still says something, 12,5 h (and 12 h, 0 h)."""
    is_small = abs(float(value)) < WHOLE_HOURS_FROM
    return f"{_written(value, '#,##0.#') if is_small else integer(value)}{NBSP}h"


def hours_exact(value: Number) -> str:
    """12 345,6 h: parts that a reader adds up."""
    return f"{decimal(value, 1)}{NBSP}h"


def hours_round(value: Number) -> str:
    """12 346 h: a target, an axis."""
    return f"{integer(value)}{NBSP}h"


def percent(value: Number, places: int = 1) -> str:
    """45,6 % from a ratio (0.456); nothing and all need no decimal: 0 %, 100 % (a hair less than all: 100,0 %)."""
    return f"{decimal(value * 100, 0 if value in (0, 1) else places)}{NBSP}%"


def percent_round(value: Number) -> str:
    """50 % or 62,5 %: a share that was chosen (a minimum, a rate), not one that was measured."""
    return f"{_written(value * 100, '#,##0.#')}{NBSP}%"


def part_of(value: Number, whole: Number) -> str:
    """How much of `whole` (a target) `value` is: 45,6 %; under a thousand, where one more moves it by more than a
    decimal says, 104 %. Of nothing: 0 %."""
    share = float(value) / float(whole) if whole else 0.0
    return percent(share, 1 if whole >= WHOLE_PARTS_UNDER else 0)


def day(value: date) -> str:
    """31/12/2023."""
    return format_date(value, "dd/MM/yyyy", locale=LOCALE)


def day_long(value: date) -> str:
    """31 décembre 2023; the first of a month is « 1er »."""
    text = format_date(value, "d MMMM yyyy", locale=LOCALE)
    return "1er" + text[1:] if value.day == 1 else text


def month(value: date) -> str:
    """décembre 2023."""
    return format_date(value, "LLLL yyyy", locale=LOCALE)


def in_paris(value: datetime) -> datetime:
    """The same instant on the clocks of Paris; `value` is UTC, with or without a time zone."""
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(PARIS)


def instant(value: datetime) -> str:
    """24/11/2026 à 11:57, Paris time; `value` is UTC, with or without a time zone."""
    return format_datetime(in_paris(value), "dd/MM/yyyy 'à' HH:mm", locale=LOCALE)


def instant_long(value: datetime) -> str:
    """24 novembre 2026 à 11:57, Paris time; `value` is UTC, with or without a time zone."""
    return f"{day_long(in_paris(value).date())} à {in_paris(value):%H:%M}"


def count(value: Number, singular: str, plural: str | None = None) -> str:
    """« 1 carnet », « 2 carnets »; French keeps the singular under 2."""
    word = singular if abs(round(value)) < 2 else plural or singular + "s"
    return f"{integer(value)}{NBSP}{word}"


def bind(text: str) -> str:
    """No line may begin with « : », « ; », « ! », « ? », « % » or a closing guillemet, nor end with an opening one or
    with the sign of an operation; none cuts a number or a long day."""
    held = _HELD.sub(NBSP, text)
    return _LONG_DAY.sub(lambda found: found[0].replace(" ", NBSP), held)


def size(octets: float) -> str:
    """« 1,2 Go »: three figures are enough to decide."""
    units = ("o", "ko", "Mo", "Go", "To")
    power = 0
    while octets >= 1000 and power < len(units) - 1:
        octets, power = octets / 1000, power + 1
    return f"{decimal(octets)}{NBSP}{units[power]}"
