"""What an edition of the account changes of the one it replaces: its balance by territory, its operations by nature.

A rectifying edition also lists each operation that moved, with its line (differences.py). Does not live here:
comparing (reporting/files/changes.py), what is learnt later of a closed year (since.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from presentation.table import Table
from reporting.files import changes
from reporting.files.causes import causes_since
from reporting.files.editions import Edition, superseded
from reporting.mandate.account import Account
from warehouse.settings import Home

#: Its pieces are numbered anew in each edition: their numbers are no figure.
_NUMBERED = "pieces"
_COMPARED = ("balance", "operations")


@dataclass(frozen=True)
class Replaced:
    """moved: the table of what moved, empty for a first edition. told: the same, a sentence a cause; superseded: the
    editions replaced, one sentence each."""

    moved: Table
    told: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """What is said of it at the head of the account."""
        return [*self.told, *self.superseded]


def replaced(account: Account, before: Sequence[Edition], home: Home) -> Replaced:
    """What the account changes of the last of the editions `before`."""
    if not before:
        return Replaced(_named(changes.nothing()))
    causes = causes_since(before[-1], account.version, home)
    compared = [_without_pieces(account.statements[name]) for name in _COMPARED]
    moved = changes.find(before[-1].folder, compared, causes, {})
    told = changes.told(moved, before[-1].number, causes)
    return Replaced(_named(moved), told, tuple(superseded(before)))


def _named(moved: Table) -> Table:
    """Under a name of its own: « changements » lists the operations of a rectifying edition."""
    return replace(moved, layout=replace(moved.layout, name="ce_qui_a_change"))


def _without_pieces(table: Table) -> Table:
    columns = tuple(column for column in table.layout.columns if column.name != _NUMBERED)
    names = [column.name for column in columns]
    layout = replace(table.layout, columns=columns)
    return Table(layout, table.values.select(names), table.withheld.select(names))
