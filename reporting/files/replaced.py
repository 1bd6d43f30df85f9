"""What an edition says of the one that it replaces: what moved and why, which editions it replaces.

Does not live here: comparing (changes.py), the causes (causes.py), what a frozen edition is (editions.py), how a
document tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from presentation.table import Table
from reporting.files import changes
from reporting.files.causes import causes_since
from reporting.files.editions import Edition, superseded
from reporting.files.package import path_of
from warehouse.published.versions import Version
from warehouse.settings import Home


@dataclass(frozen=True)
class Replaced:
    """moved: the table of what moved, empty for a first edition. told: the same, a sentence a cause; superseded: the
    editions replaced, one sentence each."""

    moved: Table = field(default_factory=changes.nothing)
    told: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What is said of it at the head of a document."""
        return [*self.told, *self.superseded]

    def in_manifest(self) -> dict[str, Any]:
        """What the manifest says of it."""
        moved = {"valeurs": self.moved.values.height, "raisons": list(self.told)}
        return {"changements": moved, "editions_remplacees": list(self.superseded)}


def replaced(
    before: Sequence[Edition],
    version: Version,
    home: Home,
    tables: Sequence[Table],
    indicators: Mapping[str, str],
    *,
    code: str = "",
    named: bool = True,
    path: Callable[[str], str] = path_of,
    ignored: Sequence[str] = (),
    settings: Sequence[Table] = (),
) -> Replaced:
    """What `tables`, of `version`, change of the last of the editions `before`; code, named: as in `causes_since`;
    indicators, path, ignored: as in `changes.find`. settings: tables that no delivery can move."""
    if not before:
        return Replaced()
    last = before[-1]
    causes = causes_since(last, version, home, code, named=named)
    moved = changes.find(last.folder, tables, causes, indicators, path, ignored)
    if settings:
        moved = changes.both(moved, changes.find(last.folder, settings, changes.Causes(), {}, path, ignored))
    return Replaced(moved, changes.told(moved, last.number, causes), tuple(superseded(before)))
