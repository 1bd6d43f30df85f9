"""The functions of a published file, for a database made of a part of it: how they are called and copied.

A macro finds its tables by their names in the database that is open. Does not live here: their SQL (dbt_project/),
who is given which tables (reporting/analysts.py, dashboards/rights.py).
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

#: Function → its parameters and their defaults, which DuckDB does not tell (the models' own `parameters`).
PARAMETERS = {
    "metric": "indicator_code, \"by\" := ''",
    "scenario": "reissued := 0, faster := 0, giving := '', receiving := '', moved := 0",
}


def copy_macros(con: duckdb.DuckDBPyConnection, published: str, names: Collection[str] = tuple(PARAMETERS)) -> None:
    """Make in the database in use those of the functions `names` that the attached file `published` has."""
    told = con.execute(
        """
        select function_name, macro_definition from duckdb_functions()
        where database_name = $published and function_type = 'table_macro' and not internal
            and list_contains($names, function_name)
        """,
        {"published": published, "names": list(names)},
    ).fetchall()
    for name, definition in told:
        con.execute(f'create macro "{name}"({PARAMETERS[name]}) as table {definition}')
