"""The directory of lieux in the national standard, and its Table Schema. Does not live here: the activity."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from presentation.safe_cells import neutralise_column

_STANDARD = Path(__file__).with_name("standard.yaml")
_SEPARATOR = "|"
#: Where the national standard is published: what the file conforms to.
STANDARD_URL = "https://schema.data.gouv.fr/LaMednum/standard-mediation-num/"


@dataclass(frozen=True)
class Directory:
    """The lieux as published. lieux_left_out: rows without a field the standard requires; closed: those no longer
    referenced on the day of the data; values_left_out: values that are in none of its lists, or not as it writes them;
    unfilled: the fields of the standard that no lieu fills."""

    frame: pl.DataFrame
    schema: dict[str, Any]
    lieux_left_out: int
    closed: int
    values_left_out: int
    unfilled: tuple[str, ...]


def read_directory(lieux: pl.DataFrame, day: date) -> Directory:
    """Grain: one row per lieu of the directory (core.dim_lieu, inferred rows left out), fields of the standard.

    day: of the data. A lieu whose referencing ended before it is left out: the standard has no field to say so, and who
    goes there finds no pass taken.
    """
    standard = yaml.safe_load(_STANDARD.read_text(encoding="utf-8"))
    fields, lists = standard["champs"], standard["listes"]
    listed = lieux.filter(~pl.col("is_inferred"))
    known = listed.filter(pl.col("referenced_until").is_null() | (pl.col("referenced_until") >= day))
    frame = known.select(_value(field, known.columns) for field in fields)
    left_out = 0
    for field in fields:
        if "liste" in field:
            frame, removed = _keep_listed(frame, field["nom"], lists[field["liste"]])
            left_out += removed
        elif "motif" in field and not field.get("requis"):
            matching = frame.with_columns(_matching(field))
            left_out += matching[field["nom"]].null_count() - frame[field["nom"]].null_count()
            frame = matching
    complete = pl.all_horizontal(_is_right(field) for field in fields if field.get("requis"))
    kept = frame.filter(complete).unique(subset="id", keep="first", maintain_order=True).sort("id")
    unfilled = tuple(name for name in kept.columns if kept[name].null_count() == kept.height)
    schema, closed = _schema(standard, fields, lists), listed.height - known.height
    return Directory(kept, schema, frame.height - kept.height, closed, left_out, unfilled)


def _value(field: dict[str, Any], known: list[str]) -> pl.Expr:
    """The column of a field; empty where the version has not kept it (`known`: its columns)."""
    if field["figure"] not in known:
        return pl.lit(None, pl.String).alias(field["nom"])
    value = pl.col(field["figure"])
    if field["nom"] == "telephone":
        value = _as_dialled_abroad(value)
    if "type" not in field:
        value = neutralise_column(value.cast(pl.String))
    return value.alias(field["nom"])


def _as_dialled_abroad(phone: pl.Expr) -> pl.Expr:
    """« 01 23 45 67 89 » as the standard writes it: +33123456789."""
    return phone.cast(pl.String).str.replace_all(r"[\s.\-()]", "").str.replace(r"^0([1-9]\d{8})$", "+33$1")


def _matching(field: dict[str, Any]) -> pl.Expr:
    value = pl.col(field["nom"])
    return pl.when(value.str.contains(field["motif"])).then(value).alias(field["nom"])


def _is_right(field: dict[str, Any]) -> pl.Expr:
    value = pl.col(field["nom"])
    if field.get("type"):
        return value.is_not_null()
    right = value.is_not_null() & (value.str.strip_chars() != "")
    return right & value.str.contains(field["motif"]) if "motif" in field else right


def _keep_listed(frame: pl.DataFrame, name: str, allowed: list[str]) -> tuple[pl.DataFrame, int]:
    items = pl.col(name).str.split(_SEPARATOR).list.eval(pl.element().str.strip_chars())
    listed = items.list.eval(pl.element().filter(pl.element().is_in(allowed)))
    counts = frame.select(before=items.list.len().sum(), after=listed.list.len().sum()).row(0)
    joined = listed.list.join(_SEPARATOR)
    kept = frame.with_columns(pl.when(joined != "").then(joined).alias(name))
    return kept, int((counts[0] or 0) - (counts[1] or 0))


def _schema(standard: dict[str, Any], fields: list[dict[str, Any]], lists: dict[str, list[str]]) -> dict[str, Any]:
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": "lieux-mediation-numerique",
        "title": f"Lieux de médiation numérique, standard national {standard['version']}",
        "missingValues": [""],
        "primaryKey": ["id"],
        "fields": [_field(field, lists) for field in fields],
    }


def _field(field: dict[str, Any], lists: dict[str, list[str]]) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if field.get("requis"):
        constraints["required"] = True
    if field.get("unique"):
        constraints["unique"] = True
    if "motif" in field:
        constraints["pattern"] = field["motif"]
    if "liste" in field:
        one = "|".join(re.escape(item) for item in lists[field["liste"]])
        constraints["pattern"] = rf"^({one})(\|({one}))*$"
    kind: dict[str, Any] = {"type": field.get("type", "string")}
    if kind["type"] == "date":
        kind["format"] = "%Y-%m-%d"
    return {
        "name": field["nom"],
        "description": field["description"],
        **kind,
        **({"constraints": constraints} if constraints else {}),
    }
