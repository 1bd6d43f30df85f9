"""A person looked for where nobody expects them: reports, editions, mails, logs, files that wait; and closed accounts.

The originals, the lake's tables and the versions are read by what they are elsewhere (ingestion/erasing,
warehouse/published/person); here are the bytes of everything else. Does not live here: erasing any of it: what is found
is told, for a person to judge.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ingestion.person import SHORTEST_TOLD_ALONE
from storage.private import user_folder
from warehouse.settings import Home

if TYPE_CHECKING:
    from ingestion.person import Person

_ENCODINGS = ("utf-8", "cp1252", "utf-16-le")
_BETWEEN = " -\u00a0\u202f\u2010\u2011\u2012\u2013\u2014\u2212"
_TABLES = (".parquet", ".duckdb", ".wal")
HERE, CLOSED = "l’identifiant ou le pseudonyme y est écrit", "lignes de ses carnets, compte arrêté : gardées par la loi"


def search_elsewhere(home: Home, person: Person, carnets: Collection[str]) -> list[dict[str, Any]]:
    """The other files of the home that name the person, and the lines of the closed accounts of their carnets."""
    wanted = _wanted(person)
    found = [
        {"fichier": str(path.relative_to(home.root)), "quoi": HERE, "lignes": number}
        for path in _others(home)
        if (number := sum(len(wanted.findall(content)) for content in _contents(path)))
    ]
    for path in sorted(home.reports.glob(".comptes/*/*.parquet")):
        lines = pl.read_parquet(path, glob=False)
        if "carnet_number" in lines.columns:
            number = lines.filter(pl.col("carnet_number").is_in(list(carnets))).height
            found += [{"fichier": str(path.relative_to(home.root)), "quoi": CLOSED, "lignes": number}] if number else []
    return found


def _wanted(person: Person) -> re.Pattern[bytes]:
    """The pseudonyms, and the identifier as a whole word where it is long enough to be nobody else's."""
    spelled = [key.encode() for key in person.keys]
    if len(person.identifier) >= SHORTEST_TOLD_ALONE:
        spelled += sorted({_spelled(person.identifier, name) for name in _ENCODINGS})
    words = b"|".join(spelled)
    return re.compile(rb"(?i)(?<![0-9A-Za-z])(?:" + words + rb")(?![0-9A-Za-z])")


def _spelled(identifier: str, encoding: str) -> bytes:
    """A pattern of the identifier in that encoding, whatever blanks and hyphens stand in it."""
    between = {re.escape(one) for mark in _BETWEEN if (one := mark.encode(encoding, errors="ignore"))}
    letters = [letter.encode(encoding, errors="ignore") for letter in identifier if letter not in _BETWEEN]
    return (b"(?:" + b"|".join(sorted(between)) + b")*").join(map(re.escape, letters))


def _others(home: Home) -> Iterator[Path]:
    """Every file but the archive's and the tables; the secrets of the user, wherever they are, are not looked into."""
    apart = {home.archive, user_folder()}
    for folder, subfolders, names in os.walk(home.root):
        here = Path(folder)
        subfolders[:] = sorted(name for name in subfolders if here / name not in apart)
        yield from (here / n for n in sorted(names) if not n.endswith(_TABLES) and not (here / n).is_symlink())


def _contents(path: Path) -> Iterator[bytes]:
    """The bytes of a file; of a ZIP or a workbook, those of its members."""
    try:
        data = path.read_bytes()
        if data.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        yield data
    except (OSError, zipfile.BadZipFile):
        return
