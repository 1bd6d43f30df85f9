"""Every build, published or refused, as it is kept beside the lake: its record, and when a run last confirmed it.

Does not live here: keeping them (warehouse/build/history.py).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

BUILDS = "_builds"
CONFIRMED = "confirmed.json"
BUILD, CHECKS, FAILURES = "build.json", "checks.parquet", "failures.parquet"


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


def kept_files(lake: Path, name: str) -> list[Path]:
    """The files `name` of the builds kept whole, oldest first: a name with a dot is one still being written."""
    return sorted((lake / BUILDS).glob(f"[!.]*/{name}"))


def load(lake: Path) -> list[BuildRecord]:
    """Every build kept, oldest first."""
    found = []
    for path in kept_files(lake, BUILD):
        content = json.loads(path.read_text(encoding="utf-8"))
        content["as_of"] = date.fromisoformat(content["as_of"])
        content["started_at"] = datetime.fromisoformat(content["started_at"])
        content["finished_at"] = datetime.fromisoformat(content["finished_at"])
        found.append(BuildRecord(**content))
    return found


def confirmed_files(lake: Path, build_id: str) -> dict[str, str]:
    """What `confirm` was told that the run left; empty when the run that published `build_id` did not end whole."""
    try:
        return dict(json.loads((lake / BUILDS / build_id / CONFIRMED).read_bytes())["files"])
    except (OSError, ValueError, KeyError):
        return {}


def confirmed_at(lake: Path, build_id: str) -> datetime | None:
    """When a run last ended whole with `build_id` (UTC); None when the run that published it did not."""
    try:
        content = json.loads((lake / BUILDS / build_id / CONFIRMED).read_bytes())
        return datetime.fromisoformat(content["at"])
    except (OSError, ValueError, KeyError):
        return None


def last_run_at(lake: Path) -> datetime | None:
    """When the last run ended (UTC): it published, was refused, or found nothing new. None before the first one."""
    builds = load(lake)
    if not builds:
        return None
    return max(builds[-1].finished_at, confirmed_at(lake, builds[-1].build_id) or datetime.min)
