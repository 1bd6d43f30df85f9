"""The fingerprint of each published table: equal tables, equal fingerprints, whatever the threads or the row order.

Does not live here: where fingerprints are kept (history.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import duckdb

FINGERPRINTED_SCHEMAS = ("core", "proof", "marts")


def fingerprint_tables(
    con: duckdb.DuckDBPyConnection, schemas: Sequence[str] = FINGERPRINTED_SCHEMAS
) -> dict[str, str]:
    """`schema.table` → fingerprint (row count, then sum and xor of the rows' hashes), for core, proof and marts."""
    marks = ", ".join("?" for _ in schemas)
    tables = con.execute(
        f"select schema_name, table_name from duckdb_tables() where schema_name in ({marks}) order by all",
        list(schemas),
    ).fetchall()
    found = {}
    for schema, table in tables:
        row = con.execute(
            f"""
            select count(*), coalesce(sum(hash(line)::hugeint), 0)::varchar, coalesce(bit_xor(hash(line)), 0)::varchar
            from "{schema}"."{table}" as line
            """
        ).fetchone()
        assert row is not None
        found[f"{schema}.{table}"] = "-".join(str(part) for part in row)
    return found


def combine(fingerprints: dict[str, str]) -> str:
    """One fingerprint for a whole version (16 hexadecimal digits)."""
    text = "\n".join(f"{name} {value}" for name, value in sorted(fingerprints.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
