"""What one run is given: its home, landing folder, as-of date and programme, as a Dagster resource.

Does not live here: the folders of a home (warehouse/settings.py), what a run makes of them (plan.py, steps.py).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg

from orchestration.plan import RunPlan
from programme.config import Programme, load_programme
from warehouse.settings import Home


class RunSettings(dg.ConfigurableResource):
    """Empty values mean the defaults: PASSNUM_HOME, its landing folder, today, the project's programme.

    `force`: build even where the published version is made of the same inputs.
    """

    home_folder: str = ""
    landing_folder: str = ""
    as_of: str = ""
    programme_folder: str = ""
    force: bool = False

    def home(self) -> Home:
        """The home's folders, created when missing."""
        return Home.at(self.home_folder or None, self.landing_folder or None).create()

    def programme_path(self) -> Path | None:
        return Path(self.programme_folder) if self.programme_folder else None

    def programme(self) -> Programme:
        return load_programme(self.programme_path())

    def plan(self) -> RunPlan:
        """The same as `passnum run` understands it."""
        as_of = date.fromisoformat(self.as_of) if self.as_of else None
        return RunPlan(self.home(), as_of, self.programme_path(), self.force)
