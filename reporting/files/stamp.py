"""What says whose a line is, in every file that several carriers' are stacked with: SIREN, period, edition.

The three columns come last, so that who reads a file by place still does. Does not live here: the settings
(programme/), stacking (reporting/anct/stack.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from presentation.sentences import PERIOD_FORMS
from presentation.table import Column, Table

COLUMNS = (
    Column("porteur_siren", "Porteur (SIREN)", "text", description="SIREN de la collectivité qui porte le programme"),
    Column("periode", "Période", "text", description=PERIOD_FORMS),
    Column("edition", "Édition", "year", description="La plus grande d'une période remplace les autres"),
)  # fmt: skip
NAMES = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True)
class Stamp:
    """Of one edition: whose, of which period (its code), its number."""

    siren: str
    period: str
    edition: int

    def on(self, table: Table) -> Table:
        """The table with the three columns, which are part of its key."""
        layout, columns = table.layout, (*table.layout.columns, *COLUMNS)
        own = zip(NAMES, (self.siren, self.period, self.edition), strict=True)
        values = table.values.with_columns(pl.lit(value).alias(name) for name, value in own)
        withheld = table.withheld.with_columns(pl.lit(False).alias(name) for name in NAMES)
        names = [column.name for column in columns]
        stamped = replace(layout, key=(*NAMES, *layout.key), columns=columns)
        return Table(stamped, values.select(names), withheld.select(names))
