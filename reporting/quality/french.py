"""French writing of the report's figures and days. Does not live here: sentences (wording.py)."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

NARROW = "\u202f"
NO_BREAK = "\u00a0"


def count(value: int, singular: str, plural: str | None = None) -> str:
    """« 1 ligne », « 1 250 lignes »: French counts 0 and 1 as singular."""
    word = singular if abs(value) < 2 else plural or f"{singular}s"
    return f"{number(value)}{NO_BREAK}{word}"


def number(value: int) -> str:
    """1250 → « 1 250 » (narrow no-break space)."""
    return format_decimal(value, format="#,##0", locale="fr_FR")


def euros(value: float) -> str:
    """1250.5 → « 1 251 € »: what a problem touches is shown in whole euros."""
    return f"{format_decimal(round(value), format='#,##0', locale='fr_FR')}{NO_BREAK}€"


def hours(value: float) -> str:
    """12.34 → « 12,3 h »."""
    return f"{format_decimal(value, format='#,##0.#', locale='fr_FR')}{NO_BREAK}h"


def day(value: date) -> str:
    """« 31 décembre 2023 »."""
    return format_date(value, "d MMMM y", locale="fr_FR")


def short_day(value: date) -> str:
    """« 31/12/2023 »."""
    return format_date(value, "dd/MM/y", locale="fr_FR")


def bind(text: str) -> str:
    """No line may begin with « : », « ; », « ! », « ? » or a closing guillemet, nor end with an opening one."""
    return re.sub(r" (?=[:;!?»])|(?<=«) ", NO_BREAK, text)
