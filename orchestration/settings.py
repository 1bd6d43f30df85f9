"""What one run is given: its home, landing folder, as-of date and programme, as a Dagster resource.

Does not live here: the folders of a home (warehouse/settings.py), what the steps do.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg

from programme.config import Programme, load_programme
from warehouse.settings import Home

Listener = Callable[[str], None]
_listeners: list[Listener] = []


class RunSettings(dg.ConfigurableResource):
    """Empty values mean the defaults: PASSNUM_HOME, its landing folder, today, the project's programme."""

    home_folder: str = ""
    landing_folder: str = ""
    as_of: str = ""
    programme_folder: str = ""

    def home(self) -> Home:
        """The home's folders, created when missing."""
        return Home.at(self.home_folder or None, self.landing_folder or None).create()

    def as_of_date(self) -> date | None:
        return date.fromisoformat(self.as_of) if self.as_of else None

    def programme(self) -> Programme:
        return load_programme(Path(self.programme_folder) if self.programme_folder else None)


def listen(listener: Listener) -> None:
    """Have `listener` told, in French, what the steps of this process are doing."""
    _listeners.append(listener)


def forget(listener: Listener) -> None:
    """Stop telling `listener`."""
    _listeners.remove(listener)


def tell(message: str) -> None:
    """Tell the listeners (the command line) what is being done."""
    for listener in _listeners:
        listener(message)
