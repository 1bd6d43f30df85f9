"""Small deliveries written out by hand: rows in, the files an export would drop in the landing folder out.

Not here: realistic volumes and dirt (`simulation.simulate`), expectations (the tests themselves).
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from stdnum import luhn

Row = Mapping[str, object]


def make_siret(number: int) -> str:
    """A fictitious SIRET of 14 digits whose check digit holds."""
    body = f"999{number:010d}"
    return body + luhn.calc_check_digit(body)


#: Older than what an intake waits for before it reads a file dropped a moment ago.
SETTLED_SECONDS = 60


def write_delivery(landing: Path, name: str, rows: Iterable[Row], separator: str = ";") -> Path:
    """Write `rows` as a CSV named `name` in `landing`; the header is the union of the rows' keys, in order.

    Dated a minute ago: a run does not wait for it to be whole (`settle`).
    """
    rows = list(rows)
    header = list(dict.fromkeys(key for row in rows for key in row))
    landing.mkdir(parents=True, exist_ok=True)
    path = landing / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, delimiter=separator, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return settle(path)


def settle(path: Path) -> Path:
    """Date a file, or every file of a folder, a minute ago: whoever dropped it has done writing it."""
    then = time.time() - SETTLED_SECONDS
    for one in path.rglob("*") if path.is_dir() else (path,):
        if one.is_file():
            os.utime(one, (then, then))
    return path
