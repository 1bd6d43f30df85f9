"""Which delivered file is meant by the name that somebody gives, and what is known of it and of one of its lines.

Does not live here: what became of a line (why.py), reading an original again (originals.py), the French of an answer
(orchestration/commands).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from presentation.french import integer
from warehouse.published.versions import ask

_SHORTEST_ID = 8
_NEAR, _TOO_SHORT = 5, 2


class LookupFailed(Exception):
    """What was asked is not known; the French message says what exists nearby."""


@dataclass(frozen=True)
class DeliveredFile:
    """One file received, as the version says it (quality.delivered_file)."""

    file_id: str
    sha256: str
    file_name: str
    dataset: str | None
    extract_date: date | None
    received_at: datetime
    outcome: str
    reason: str | None
    lines_read: int


_FILES = """
    select file_id, sha256, file_name, dataset, extract_date, received_at, outcome, reason, lines_read
    from quality.delivered_file
"""
# A name, from the surest reading to the loosest; the first that finds something is kept.
_READINGS = (
    "file_id = $name",
    f"length($name) >= {_SHORTEST_ID} and starts_with(file_id, $name)",
    "file_name = $name",
    "lower(strip_accents(file_name)) = lower(strip_accents($name))",
    "ends_with(lower(strip_accents(file_name)), '/' || lower(strip_accents($name)))",
)


def split_place(place: str) -> tuple[str, int]:
    """FILE:LINE → its two parts. Raises LookupFailed where there is no line."""
    name, _, line = place.rpartition(":")
    if not name or not line.strip().isdigit() or int(line) < 1:
        raise LookupFailed(f"« {place} » ne désigne pas une ligne. Écrivez FICHIER:LIGNE, par exemple f.csv:12.")
    return name.strip(), int(line)


def find_file(con: duckdb.DuckDBPyConnection, name: str) -> DeliveredFile:
    """The file meant by a name (whole, its last part, in any case) or by an identifier.

    Where the name was received several times, the loaded one. Raises LookupFailed for an unknown name (the nearest
    ones are told) and for one that several loaded files have.
    """
    for reading in _READINGS:
        found = _files(con, f"where {reading} order by (outcome = 'loaded') desc, received_at desc", {"name": name})
        if found:
            return _only(con, name, found)
    names = [known for (known,) in con.execute("select distinct file_name from quality.delivered_file").fetchall()]
    raise LookupFailed(f"Fichier inconnu : « {name} ». {nearest(name, names, 'fichiers reçus')}")


def file_of(con: duckdb.DuckDBPyConnection, file_id: str) -> DeliveredFile:
    """The loaded file of that identifier. Raises LookupFailed where the version has none."""
    found = _files(con, "where file_id = $name and outcome = 'loaded' order by received_at", {"name": file_id})
    if not found:
        raise LookupFailed(f"Aucun fichier chargé n'a l'identifiant « {file_id} ».")
    return found[0]


def receptions(con: duckdb.DuckDBPyConnection, file: DeliveredFile) -> list[DeliveredFile]:
    """The other receptions of that file: the same bytes again, under any name, and refused ones of its name."""
    condition = "where (file_id = $id or file_name = $name and outcome = 'rejected') and received_at <> $at"
    values = {"id": file.file_id, "name": file.file_name, "at": f"{file.received_at:%Y-%m-%d %H:%M:%S.%f}"}
    return _files(con, f"{condition} order by received_at", values)


def _only(con: duckdb.DuckDBPyConnection, name: str, found: list[DeliveredFile]) -> DeliveredFile:
    loaded = {file.file_id: file for file in found if file.outcome == "loaded"}
    if len(loaded) > 1:
        told = " ; ".join(
            f"{file.file_id} ({file.file_name}, reçu le {file.received_at:%d/%m/%Y})" for file in loaded.values()
        )
        raise LookupFailed(f"Plusieurs fichiers portent le nom « {name} ». Donnez l'identifiant du vôtre : {told}.")
    return next(iter(loaded.values()), found[0])


def _files(con: duckdb.DuckDBPyConnection, condition: str, values: dict[str, Any]) -> list[DeliveredFile]:
    return [DeliveredFile(*row) for row in ask(con, f"{_FILES} {condition}", **values)]


def nearest(name: str, names: list[str], what: str) -> str:
    """A French sentence: the names that look like it, whole or by their last part. `what`: « fichiers reçus »."""
    lower = {known.lower(): known for known in names} | {known.lower().rsplit("/", 1)[-1]: known for known in names}
    inside = [known for known in sorted(lower) if len(name) > _TOO_SHORT and name.lower() in known]
    near = [*inside, *difflib.get_close_matches(name.lower(), lower, _NEAR, 0.5)][:_NEAR]
    if not near:
        return f"Aucun n'y ressemble parmi les {integer(len(names))} {what}."
    return "Les plus proches : " + ", ".join(f"« {known} »" for known in dict.fromkeys(lower[n] for n in near)) + "."
