"""What a version is made of, as fingerprints: where they are all equal, building again would give the same version.

Lives here: each part of that identity, what differs between two, said in French. Does not live here: where a version
keeps its own (history.py, column identity of quality.build), deciding whether to build (orchestration/deciding.py).
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

from ingestion.contract import contracts_folder
from ingestion.lake import Lake
from programme.config import Programme
from programme.models import OF_READING
from warehouse.build.transform import project_digest
from warehouse.settings import ROOT

Identity = dict[str, str]

#: Part of an identity → what it is, as the subject of « a changé », « ont changé ».
PARTS = {
    "files": "les fichiers reçus ont changé",
    "settings": "les réglages ont changé",
    "code": "les règles de calcul ou le logiciel ont changé",
    "secret": "le secret des pseudonymes a changé",
    "day": "la date des données a changé",
}
#: The rooms whose code shapes a published version; pages, documents and mails only read it.
ROOMS = ("storage", "programme", "presentation", "ingestion", "data_quality", "warehouse", "orchestration")
#: The libraries whose versions may move a figure, a check or a sentence that the version keeps.
LIBRARIES = (
    "passnum", "duckdb", "dbt-core", "dbt-adapters", "dbt-duckdb", "polars", "pandas", "pyarrow", "great-expectations",
    "holidays", "babel",
)  # fmt: skip
# Beside Python, a room may hold contracts and templates; the settings of programme/ are told by their content.
_KINDS = {".py", ".sql", ".yaml", ".yml", ".html", ".json", ".csv"}


def identify(lake: Lake, programme: Programme, secret_fingerprint: str, *, until: date | None, today: date) -> Identity:
    """The identity of the version that a build would make now. `until`: the files extracted by then (--as-of).

    `today` counts only where no file is loaded: it is then the date of the data. Duplicates are no part of it: they
    change no figure and no check. Raises LakeCorruption when a receipt was changed.
    """
    loaded = lake.receipts(until)
    refused = [r for r in lake.other_receipts() if r.outcome == "rejected" and _is_seen(r.extract_date, until)]
    as_of = until or lake.greatest_extract_date() or today
    return {
        "files": _digest(sorted(receipt.to_json() for receipt in [*loaded, *refused])),
        "settings": settings_digest(programme),
        "code": code_digest(),
        "secret": secret_fingerprint,
        "day": as_of.isoformat(),
    }


def tell_differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What changed between two identities, in French (« les réglages ont changé »); empty when nothing did."""
    return " ; ".join(told for part, told in PARTS.items() if before.get(part) != now.get(part))


def settings_digest(programme: Programme) -> str:
    """The sha256 of every validated setting, territory and commune: a comment or a blank moved changes nothing."""
    content = json.dumps(
        programme.model_dump(exclude={"communes_geojson", *OF_READING}), sort_keys=True, default=_written
    )
    return _digest([content.encode(), programme.communes_geojson.read_bytes()])


def _written(value: object) -> str:
    """0.2 and 0.20 are one setting."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def code_digest() -> str:
    """The sha256 of the dbt project, of the rooms that shape a version, and of the versions of their libraries."""
    return _digest([_rooms_digest().encode(), project_digest().encode(), *_contents(_contracts())])


@functools.cache
def _rooms_digest() -> str:
    """Once a process, before anything is built: a module changed later is code that this process does not run."""
    names = [f"{name} {version(name)}".encode() for name in LIBRARIES]
    python = ".".join(map(str, sys.version_info[:3])).encode()
    return _digest([python, *names, *_contents(_sources())])


def _sources() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in _KINDS]
    return [path for path in found if path.suffix == ".py" or path.relative_to(ROOT).parts[0] != "programme"]


def _contracts() -> list[Path]:
    """The contracts in use, where they are not those of the project (PASSNUM_CONTRACTS)."""
    return list(contracts_folder().glob("*.yaml"))


def _contents(paths: list[Path]) -> Iterable[bytes]:
    for path in sorted(paths):
        yield path.name.encode()
        yield path.read_bytes()


def _is_seen(extract_date: date | None, until: date | None) -> bool:
    return until is None or extract_date is None or extract_date <= until


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
