"""The extract date that a file's name holds (exports §2, §5)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePosixPath

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_FORMS = (
    re.compile(r"(?<![0-9])(?P<y>[0-9]{4})(?P<s>[-_.])(?P<m>[0-9]{2})(?P=s)(?P<d>[0-9]{2})(?![0-9])"),
    re.compile(r"(?<![0-9])(?P<d>[0-9]{2})(?P<s>[-_.])(?P<m>[0-9]{2})(?P=s)(?P<y>[0-9]{4})(?![0-9])"),
    # with the time behind it too, to the minute, the second or the millisecond: 20221130093000
    re.compile(
        r"(?<![0-9])(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
        r"(?:(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{3})?)?)?(?![0-9])"
    ),
)


def find_extract_date(name: str) -> date | None:
    """The last date of a name, else of the archive that holds it (`archive.zip/member.csv`); None without one.

    `2022-11-30`, `20221130`, `30-11-2022`, `30_11_2022`, `20221130093000`; a run of digits that is no day is no date.
    """
    path = PurePosixPath(name)
    for part in (path.name, *reversed([p for p in path.parts[:-1] if p.lower().endswith(".zip")])):
        found = _dates_in(part)
        if found:
            return found[-1][1]
    return None


def _dates_in(text: str) -> list[tuple[int, date]]:
    found = []
    for form in _FORMS:
        # a lookahead finds overlapping dates: the one that starts last holds
        for match in re.finditer(f"(?=({form.pattern}))", text):
            inner = form.match(text, match.start())
            day = _valid_day(inner) if inner else None
            if day:
                found.append((match.start(), day))
    return sorted(found)


def _valid_day(match: re.Match[str]) -> date | None:
    try:
        day = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
