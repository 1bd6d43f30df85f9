"""The programme's settings as tables: what the build freezes of `programme/`, beside the lake's views.

Does not live here: the models that publish them (dbt_project/), the lake's views (ingestion/lake.py).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from programme.config import Programme
from programme.holidays_fr import public_holidays
from warehouse.published.version_settings import SETTINGS

if TYPE_CHECKING:
    import pyarrow as pa

#: Table of schema `inputs` → its columns, with their types.
_TABLES = {
    "programme": {"as_of": "DATE", "build_id": "VARCHAR", **SETTINGS},
    "territory": {
        "code_insee": "VARCHAR",
        "nom": "VARCHAR",
        "ami": "INTEGER",
        "date_entree": "DATE",
        "source": "VARCHAR",
        "statut": "VARCHAR",
        "cible_personnes": "INTEGER",
        "cible_heures": "INTEGER",
    },
    "territory_change": {
        "code_insee": "VARCHAR",
        "code_actuel": "VARCHAR",
        "date_effet": "DATE",
        "source": "VARCHAR",
    },
    "commune": {
        "code_insee": "VARCHAR",
        "nom": "VARCHAR",
        "type": "VARCHAR",
        "code_departement": "VARCHAR",
        "ept_siren": "VARCHAR",
        "ept_nom": "VARCHAR",
        "population_municipale": "INTEGER",
        "lon": "DOUBLE",
        "lat": "DOUBLE",
    },
    "decision": {
        "prise_le": "DATE",
        "decision": "VARCHAR",
        "porteur": "VARCHAR",
        "montant_eur": "DECIMAL(18,2)",
        "indicateur": "VARCHAR",
        "attendu": "INTEGER",
        "echeance": "DATE",
        "scenario": "VARCHAR",
    },
    "population": {
        "code_insee": "VARCHAR",
        "population": "INTEGER",
        "date_population": "DATE",
        "source_population": "VARCHAR",
        "population_qpv": "INTEGER",
        "date_qpv": "DATE",
        "source_qpv": "VARCHAR",
    },
    "holiday": {"holiday_on": "DATE", "name": "VARCHAR"},
}


def write_inputs(con: duckdb.DuckDBPyConnection, programme: Programme, *, as_of: date, build_id: str) -> None:
    """Create schema `inputs` in `con`, one table a part of the programme, each written whole in one Arrow table."""
    settings = {"as_of": as_of, "build_id": build_id} | {name: getattr(programme, name) for name in SETTINGS}
    rows: dict[str, list[dict[str, Any]]] = {
        "programme": [settings],
        "territory": [territory.model_dump() for territory in programme.territories],
        "territory_change": [change.model_dump() for change in programme.changes],
        "commune": [commune.model_dump() for commune in programme.communes],
        "decision": [decision.model_dump() for decision in programme.decisions],
        "population": [population.model_dump(exclude={"nom"}) for population in programme.populations],
        "holiday": [{"holiday_on": day, "name": name} for day, name in public_holidays().items()],
    }
    con.execute("create schema inputs")
    for table, columns in _TABLES.items():
        con.register("rows_written", _arrow(rows[table], columns))
        con.execute(f"create table inputs.{table} as select * from rows_written")
        con.unregister("rows_written")


def _arrow(rows: list[dict[str, Any]], columns: dict[str, str]) -> pa.Table:
    """Decimals exact, dates without an hour: the schema is the table's, never guessed from the values.

    Raises pyarrow.ArrowInvalid when a decimal has more digits than its column.
    """
    import pyarrow as pa

    types = {
        "VARCHAR": pa.string(),
        "VARCHAR[]": pa.list_(pa.string()),
        "INTEGER": pa.int32(),
        "DOUBLE": pa.float64(),
        "DATE": pa.date32(),
        "DECIMAL(18,2)": pa.decimal128(18, 2),
        "DECIMAL(6,4)": pa.decimal128(6, 4),
    }
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, types[kind]) for name, kind in columns.items()]))
