"""What one run is given: its home, landing folder, as-of date and programme, as a Dagster resource; and the runs' lock.

Does not live here: the folders of a home (warehouse/settings.py), what a run makes of them (plan.py, steps.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from ingestion.locking import LOCK_WAIT_SECONDS, home_lock
from orchestration.ghosts import mark_process
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

    _held: contextlib.ExitStack | None = PrivateAttr(default=None)

    @contextlib.contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RunSettings]:
        """For the time of a run: whatever ends it lets go of the runs' lock."""
        with contextlib.ExitStack() as held:
            self._held = held
            try:
                yield self
            finally:
                self._held = None

    def alone(self, context: dg.OpExecutionContext | dg.AssetExecutionContext) -> None:
        """From this step to the end of this run, no other works in the home, started by whatever: command or Dagster.

        The run also says which process it is, so that one that died is known (ghosts.py). Raises HomeIsBusy.
        """
        if self._held is not None and not self._is_alone:
            home = self.home()
            self._held.enter_context(home_lock(home.warehouse, wait_seconds=LOCK_WAIT_SECONDS))
            self._held.callback(setattr, self, "_is_alone", False)
            self._is_alone = True
            mark_process(context.instance, context.run_id)

    _is_alone: bool = PrivateAttr(default=False)

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
