"""What an edition of the account changes of the one it replaces: its parties, balances, treasury, claims and
operations.

A rectifying edition also lists each operation that moved, with its line (differences.py). Does not live here:
comparing (reporting/files/), what is learnt later of a closed year (since.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from presentation.table import Table
from reporting.files.editions import Edition, superseded
from reporting.files.package import path_of
from reporting.files.replaced import Replaced
from reporting.files.replaced import replaced as replaced_by
from reporting.files.tabular import csv_bytes
from reporting.mandate.account import Account
from warehouse.settings import Home

#: Its pieces are numbered anew in each edition: their numbers are no figure.
_NUMBERED = "pieces"
#: What the settings alone say: who, and under which convention.
IDENTITY = "identification"
_COMPARED = ("balance_generale", "tresorerie", "creances", "balance", "operations")


def replaced(account: Account, before: Sequence[Edition], home: Home) -> Replaced:
    """What the account changes of the last of the editions `before`.

    A table that it did not have is not compared: that a newer passnum says more is no change of the account.
    """
    had = [name for name in _COMPARED if before and (before[-1].folder / path_of(name)).exists()]
    if not had:
        return Replaced(superseded=tuple(superseded(before)))
    compared = [_without_pieces(account.statements[name]) for name in had]
    said = [account.statements[IDENTITY]] if (before[-1].folder / path_of(IDENTITY)).exists() else []
    found = replaced_by(before, account.version, home, compared, {}, ignored=[_NUMBERED], settings=said)
    return replace(found, moved=_named(found.moved))


def renames(table: Table, last: Edition) -> bool:
    """Whether who renders the account, or under which convention, is no more what the edition says. One that did not
    say it yet is not renamed."""
    path = last.folder / path_of(IDENTITY)
    return path.exists() and path.read_bytes() != csv_bytes(table)


def _named(moved: Table) -> Table:
    """Under a name of its own: « changements » lists the operations of a rectifying edition."""
    return replace(moved, layout=replace(moved.layout, name="ce_qui_a_change"))


def _without_pieces(table: Table) -> Table:
    columns = tuple(column for column in table.layout.columns if column.name != _NUMBERED)
    names = [column.name for column in columns]
    layout = replace(table.layout, columns=columns)
    return Table(layout, table.values.select(names), table.withheld.select(names))
