"""How the published tables join: their primary and foreign keys, read from dbt's tests and told in the file itself.

A key is what a test of every build holds (unique, unique_combination, relationships): the database has no constraint.
It is told in the comment of its columns, in quality.table_key for a tool that reads tables, and in the dictionary. Does
not live here: the tests (dbt_project/models), the descriptions they follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb

from storage.sql_text import quoted
from warehouse.build.history import create_table

TABLE = "table_key"
MEANING = (
    "Grain: one row per key of a published table. Les clés : ce que les contrôles de chaque passage tiennent, pour "
    "joindre les tables sans se tromper.",
    {
        "table_name": ("VARCHAR", "Table qui porte la clé (core.fct_pass)."),
        "column_names": ("VARCHAR", "Colonnes de la clé, séparées par « , »."),
        "kind": ("VARCHAR", "primary (clé primaire : une ligne au plus par valeur) ou foreign (clé étrangère)."),
        "to_table": ("VARCHAR", "Table visée par la clé étrangère ; vide pour une clé primaire."),
        "to_columns": ("VARCHAR", "Colonnes visées ; vide pour une clé primaire."),
        "row_filter": ("VARCHAR", "Lignes pour lesquelles la clé étrangère tient, en SQL ; vide : toutes."),
        "code": ("VARCHAR", "Contrôle qui la tient (PN-xxx)."),
    },
)
_PRIMARY = {"unique": "column_name", "unique_combination": "columns"}


@dataclass(frozen=True)
class Key:
    """One key of a published table (`schema.name`). `to_table` None: its primary key."""

    table: str
    columns: tuple[str, ...]
    code: str
    to_table: str | None = None
    to_columns: tuple[str, ...] = ()
    row_filter: str | None = None

    def tell(self, column: str) -> str:
        """What the key says of one of its columns, in French."""
        if self.to_table is None:
            others = ", ".join(name for name in self.columns if name != column)
            return f"Clé primaire, avec {others}." if others else "Clé primaire."
        where = f" (lignes {self.row_filter})" if self.row_filter else ""
        return f"Clé étrangère vers {self.to_table}({', '.join(self.to_columns)}){where}."


def keys_of(manifest: dict[str, Any]) -> list[Key]:
    """The keys that the tests of dbt's `manifest` hold, by table, the primary key first."""
    nodes = manifest["nodes"]
    found = []
    for test in nodes.values():
        named = test.get("test_metadata")
        if test["resource_type"] != "test" or named is None:
            continue
        table = _name(nodes[test["attached_node"]])
        code = test["config"]["meta"]["code"]
        asked = named["kwargs"]
        if named["name"] in _PRIMARY:
            columns = asked[_PRIMARY[named["name"]]]
            found.append(Key(table, (columns,) if isinstance(columns, str) else tuple(columns), code))
        elif named["name"] == "relationships":
            (to,) = (nodes[parent] for parent in test["depends_on"]["nodes"] if _is_named(parent, asked["to"]))
            target = asked["field"]
            found.append(Key(table, (asked["column_name"],), code, _name(to), (target,), test["config"]["where"]))
    return sorted(found, key=lambda key: (key.table, key.to_table is not None, key.code))


def told_columns(keys: Iterable[Key]) -> dict[tuple[str, str], str]:
    """(table, column) → what its keys say of it, one sentence a key."""
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key in keys:
        for column in key.columns:
            told[key.table, column].append(key.tell(column))
    return {place: " ".join(sentences) for place, sentences in told.items()}


def write_into(con: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    """Tell the keys in the candidate: after the comment of each column, and in quality.table_key."""
    keys = keys_of(manifest)
    models = {_name(node): node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    con.begin()
    for (table, column), told in told_columns(keys).items():
        comment = f"{models[table]['columns'][column]['description']} {told}"
        con.execute(f'comment on column {table}."{column}" is {quoted(comment)}')
    comment, columns = MEANING
    create_table(con, TABLE, comment, columns)
    rows = [
        (
            key.table,
            ", ".join(key.columns),
            "foreign" if key.to_table else "primary",
            key.to_table,
            ", ".join(key.to_columns) or None,
            key.row_filter,
            key.code,
        )
        for key in keys
    ]
    con.executemany(f"insert into quality.{TABLE} values ({', '.join('?' for _ in columns)})", rows)
    con.commit()


def _name(node: dict[str, Any]) -> str:
    return f"{node['schema']}.{node['name']}"


def _is_named(parent: str, asked: str) -> bool:
    """A relationship depends on its own model and on the one it names: « ref('dim_person') »."""
    return f"ref('{parent.split('.')[-1]}')" in asked
