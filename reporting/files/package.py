"""`datapackage.json` (Frictionless): every file of an edition, its schema, its keys, the files that its codes name.

Does not live here: the schema of one table (tabular.py), the catalogue (catalogue.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.files.stamp import NAMES

PACKAGE = "datapackage.json"
#: What is ours alone in the descriptor, under this name: whose it is, its period, its edition, the date of its data…
OWN = "passnum"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A foreign key: `column` of `table` names a line of `target` by its column of the same name, in one edition."""

    table: str
    column: str
    target: str


def linked(schemas: Mapping[str, Schema], links: Iterable[Link], shared: Iterable[str] = NAMES) -> dict[str, Schema]:
    """The schemas with their foreign keys, of which the `shared` columns are a part: those that stamp every line.

    A link of which one table, or its column, is not there is left out.
    """
    keys: dict[str, list[dict[str, Any]]] = {name: [] for name in schemas}
    for link in links:
        if all(link.column in _columns(schemas.get(name)) for name in (link.table, link.target)):
            fields = [*shared, link.column]
            keys[link.table].append({"fields": fields, "reference": {"resource": link.target, "fields": fields}})
    return {name: schema | ({"foreignKeys": keys[name]} if keys[name] else {}) for name, schema in schemas.items()}


def _columns(schema: Schema | None) -> list[str]:
    return [field["name"] for field in schema["fields"]] if schema else []


def path_of(table: str) -> str:
    """Where the CSV of a table is in an edition."""
    return f"csv/{table}.csv"


def package(
    name: str, title: str, created: str, publisher: str, own: Mapping[str, Any], schemas: Mapping[str, Schema],
    files: Mapping[str, bytes], path: Callable[[str], str] = path_of, licence: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The descriptor. created: an ISO instant. schemas: of each CSV file, at `path` of its name in `files`. licence:
    its address, for what is open."""
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": title,
        "created": created,
        "contributors": [{"title": publisher, "role": "publisher"}],
        **({"licenses": [{"path": licence}]} if licence else {}),
        OWN: dict(own),
        "resources": [_resource(table, path(table), schema, files[path(table)]) for table, schema in schemas.items()],
    }


def digest(content: bytes) -> str:
    """The hash of a resource, as a descriptor writes it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _resource(table: str, path: str, schema: Schema, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "title": schema["title"],
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": len(content),
        "hash": digest(content),
        "schema": schema,
    }
