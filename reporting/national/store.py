"""The protected figures of a national version, beside it: made with it, read by the pages.

Does not live here: what is in them (protected.py), the version (warehouse/build/national.py).
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from storage.atomic import write_atomically
from warehouse.published.versions import cube_path

#: Goes up with any change of what is protected and how.
EDITION = 2


def file_of(version: Path) -> Path:
    """Where the protected figures of the national version at `version` are; retired with it."""
    return cube_path(version, 0, EDITION)


def keep(version: Path, facts: pl.DataFrame) -> Path:
    """Write the protected figures of a version, for its owner alone."""
    target = io.BytesIO()
    facts.write_parquet(target)
    path = file_of(version)
    write_atomically(path, target.getvalue(), mode=0o600)
    return path


def load(version: Path) -> pl.DataFrame | None:
    """The protected figures of a version; None where they were never made: nobody outside the team reads it then."""
    path = file_of(version)
    return pl.read_parquet(path, glob=False) if path.exists() else None
