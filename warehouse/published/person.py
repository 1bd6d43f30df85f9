"""What the kept versions hold of one person, by their pseudonym: where it stands, their prescriptions, their visits.

For the right of access (RGPD, art. 15). Does not live here: the lake and the originals (ingestion), the cutting of a
pseudonym from a version (warehouse/build/versions.py).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from warehouse.published.spark_folders import spark_folders
from warehouse.published.versions import connect, version_paths
from warehouse.settings import Home

_PLACES = """
    select schema_name, table_name, column_name from duckdb_columns()
    where database_name = current_database() and schema_name in ('core', 'proof', 'marts', 'quality')
        and data_type = 'VARCHAR' and column_name like '%\\_key' escape '\\'
    order by all
"""
#: Every carnet ever handed to the person, held or not (a lost one was theirs too).
_CARNETS = "select carnet_number from core.fct_prescription where beneficiary_key in (select unnest($keys))"
#: Table of the answer → its title and its SQL, over the version published last.
ANSWERS = {
    "prescriptions": (
        "Prescriptions",
        """
        select prescription_id as prescription, carnet_number as carnet, prescribed_on as "prescrit le",
            prescriber_siret as "SIRET du prescripteur", territory_code as "territoire (Insee)",
            age_band as "tranche d'âge", gender as genre, situation, pic_answer as "public PIC",
            qpv_answer as "résidence en QPV", source_status as statut, is_live as "en vigueur",
            is_holding as "compte pour la personne"
        from core.fct_prescription where beneficiary_key in (select unnest($keys))
        order by prescribed_on, prescription_id
        """,
    ),
    "visits": (
        "Pass utilisés",
        f"""
        select redemption_id as utilisation, pass_number as pass, carnet_number as carnet, redeemed_at as "utilisé le",
            lieu_siret as "SIRET du lieu", lieu_name as lieu, service_code as service, modality as "modalité",
            duration_minutes as minutes, amount_eur as "montant (euros)", source_status as statut,
            is_counted as "compté"
        from core.fct_redemption left join core.dim_lieu using (lieu_siret)
        where carnet_number in ({_CARNETS}) order by redeemed_at, redemption_id
        """,
    ),
}


def kept_versions(home: Home) -> list[Path]:
    """Every version of the home, those at a date included, newest first, then those of Spark: folders."""
    return [*version_paths(home), *sorted(home.as_of_versions.glob("*.duckdb")), *spark_folders(home)]


def places_of(con: duckdb.DuckDBPyConnection, keys: Collection[str]) -> dict[str, int]:
    """`schema.table.column` that holds one of the pseudonyms → in how many rows."""
    found = {}
    for schema, table, column in con.execute(_PLACES).fetchall():
        row = con.execute(
            f'select count(*) from "{schema}"."{table}" where "{column}" in (select unnest($keys))',
            {"keys": list(keys)},
        ).fetchone()
        if row and row[0]:
            found[f"{schema}.{table}.{column}"] = row[0]
    return found


def find_in_versions(home: Home, keys: Collection[str]) -> dict[Path, dict[str, int]]:
    """The versions that hold one of the pseudonyms, and where."""
    found = {}
    for path in kept_versions(home):
        with connect(path) as con:
            if places := places_of(con, keys):
                found[path] = places
    return found


def answer(path: Path, keys: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What a version says of the person (ANSWERS), one dictionary a row."""
    told = {}
    with connect(path) as con:
        for name, (_, sql) in ANSWERS.items():
            found = con.execute(sql, {"keys": list(keys)})
            names = [column[0] for column in found.description or ()]
            told[name] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return told
