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
_ENDS = re.compile(r"(?i)(?:\.(?:csv|tsv|txt|xlsx|xlsm|xls|zip|gz|sha256))*(?:/|$)")


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


def split_name(name: str) -> list[tuple[str, bool]]:
    """A name cut into pieces, each with whether it is a date, an extension or the end of a folder's name.

    Put end to end they are the name.
    """
    spans = [(m.start(), m.end()) for form in _FORMS for m in form.finditer(name) if _valid_day(m)]
    spans += [(m.start(), m.end()) for m in _ENDS.finditer(name)]
    pieces, place = [], 0
    for start, end in sorted(spans):
        if start >= place:
            pieces += [(name[place:start], False), (name[start:end], True)]
            place = end
    return [piece for piece in (*pieces, (name[place:], False)) if piece[0]]


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
