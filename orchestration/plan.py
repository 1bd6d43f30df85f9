"""What one run is asked: its home, as-of date, settings, and whether to build whatever is published.

Does not live here: the folders of a home (warehouse/settings.py), the steps (steps.py), Dagster's resource
(settings.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from programme.config import Programme, load_programme
from warehouse.settings import Home

Engine = Literal["duckdb", "spark"]


@dataclass(frozen=True)
class RunPlan:
    """`as_of`: only the files extracted by then. `programme_folder`: None for PASSNUM_PROGRAMME, else the project's.

    `engine`: what builds (docs/echelle.md).
    """

    home: Home
    as_of: date | None = None
    programme_folder: Path | None = None
    force: bool = False
    engine: Engine = "duckdb"

    @cached_property
    def programme(self) -> Programme:
        """The settings, read and validated once a run. Raises ProgrammeError (French)."""
        return load_programme(self.programme_folder)
