"""A national version: the marts of several programmes side by side (schema national), and how to tell that it is one.

`national.<mart>` is the mart of that name of every commanditaire, `siren` first. `national.commanditaire` is who is in
it; `national.fact` the figures that the national pages show (reporting/national). Does not live here: making one
(warehouse/build/national.py), who may see what (dashboards/national.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.published.versions import connect
from warehouse.settings import Home

SCHEMA = "national"
#: The tables that are no mart of a programme.
COMMANDITAIRE, FACT, TOTAL = "commanditaire", "fact", "total"
#: What the identity of the build calls the versions that it is made of.
MEMBERS = "commanditaires"


def is_national(version: Path) -> bool:
    """Whether the published file at `version` unites several programmes."""
    with connect(version) as con:
        return holds_national(con)


def holds_national(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the file that `con` is on unites several programmes."""
    found = con.execute(
        f"select 1 from duckdb_tables() where schema_name = '{SCHEMA}' and table_name = '{COMMANDITAIRE}'"
    ).fetchone()
    return found is not None


def is_programme(home: Home) -> bool:
    """Whether files of a programme were received in this home: nothing national belongs there."""
    return any(
        next(folder.iterdir(), None) is not None
        for folder in (home.landing, home.archive)
        if folder.is_dir()
    )  # fmt: skip
