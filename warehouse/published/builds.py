"""Every build, published or refused, as it is kept beside the lake: its record, and when a run last confirmed it.

Does not live here: keeping them (warehouse/build/history.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ingestion.receipt import hash_file

BUILDS = "_builds"
CONFIRMED = "confirmed.json"
BUILD, CHECKS, FAILURES = "build.json", "checks.parquet", "failures.parquet"
SEAL = "seal.json"


@dataclass(frozen=True)
class BuildRecord:
    """Grain: one build, published or refused. Instants are UTC without time zone."""

    build_id: str
    status: str
    as_of: date
    started_at: datetime
    finished_at: datetime
    duration_seconds: float
    input_files: int
    inputs_sha256: str
    is_demo: bool
    code_version: str
    fingerprint: str
    table_fingerprints: dict[str, str]
    #: What it is made of (identity.py); empty for a build made before identities were kept.
    identity: dict[str, str] = field(default_factory=dict)


#: A build as it is written in BUILD, and read from it.
RECORD = TypeAdapter(BuildRecord)


class Confirmation(BaseModel):
    """A run ended whole at `at` (UTC without zone). `files`: path under the home → sha256 of what it left.

    `seal`: the sha256 of both; empty in one that was written before there were seals, which is believed.
    """

    model_config = ConfigDict(extra="forbid")

    at: datetime
    files: dict[str, str] = {}
    seal: str = ""

    @property
    def digest(self) -> str:
        """The sha256 of what it says."""
        return hashlib.sha256(self.model_dump_json(exclude={"seal"}).encode()).hexdigest()


def _confirmation(lake: Path, build_id: str) -> Confirmation:
    """Raises OSError where there is none, ValueError where it is not, or no more, as it was written."""
    found = Confirmation.model_validate_json((lake / BUILDS / build_id / CONFIRMED).read_bytes())
    if found.seal and found.seal != found.digest:
        raise ValueError(f"{CONFIRMED} of {build_id} is not what was written")
    return found


def kept_files(lake: Path, name: str) -> list[Path]:
    """The files `name` of the builds kept whole, oldest first: a name with a dot is one still being written."""
    return [folder / name for folder in _folders(lake) if _is_whole(folder) and (folder / name).is_file()]


def load(lake: Path) -> list[BuildRecord]:
    """Every build kept, oldest first; those that are `damaged` passed over: no figure comes from them."""
    return [RECORD.validate_json(path.read_bytes()) for path in kept_files(lake, BUILD)]


def damaged(lake: Path) -> list[Path]:
    """The folders of the builds that are not, or no more, as they were written."""
    return [folder for folder in _folders(lake) if not _is_whole(folder)]


def seal_of(folder: Path) -> bytes:
    """What says, beside the files of a build, what they must be: their sha256 by name."""
    files = {path.name: hash_file(path) for path in folder.iterdir() if path.name in (BUILD, CHECKS, FAILURES)}
    return json.dumps(files, sort_keys=True, indent=1).encode()


def _folders(lake: Path) -> list[Path]:
    return sorted(path for path in (lake / BUILDS).glob("[!.]*") if path.is_dir())


def _is_whole(folder: Path) -> bool:
    try:
        RECORD.validate_json((folder / BUILD).read_bytes())
        if not (folder / CHECKS).is_file():
            return False
        # a build kept before there were seals is believed
        return not (folder / SEAL).exists() or (folder / SEAL).read_bytes() == seal_of(folder)
    except (OSError, ValueError):
        return False


def confirmed_files(lake: Path, build_id: str) -> dict[str, str]:
    """What `confirm` was told that the run left; empty when the run that published `build_id` did not end whole."""
    try:
        return _confirmation(lake, build_id).files
    except (OSError, ValueError):
        return {}


def has_damaged_confirmation(lake: Path, build_id: str) -> bool:
    """Whether what was confirmed of `build_id` is there and can no longer be believed."""
    try:
        _confirmation(lake, build_id)
    except ValueError:
        return True
    except OSError:
        return False
    return False


def confirmed_at(lake: Path, build_id: str) -> datetime | None:
    """When a run last ended whole with `build_id` (UTC); None when the run that published it did not."""
    try:
        return _confirmation(lake, build_id).at
    except (OSError, ValueError):
        return None


def last_run_at(lake: Path) -> datetime | None:
    """When the last run ended (UTC): it published, was refused, or found nothing new. None before the first one."""
    builds = load(lake)
    if not builds:
        return None
    return max(builds[-1].finished_at, confirmed_at(lake, builds[-1].build_id) or datetime.min)
