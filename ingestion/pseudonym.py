"""Pseudonyms and age bands: what leaves of the two personal columns (exports §4).

Does not live here: the secret's place (secret), detection and masking (personal).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import duckdb
import polars as pl

from ingestion.contract import Contract

BLOCK_BYTES = 64
AGE_BANDS = ((18, "moins_18"), (25, "18_24"), (40, "25_39"), (60, "40_59"), (70, "60_69"))
OLDEST_BAND = "70_plus"


def pseudonymise(values: pl.Series, secret: bytes) -> pl.Series:
    """HMAC-SHA256 of each text under `secret`, 64 hexadecimal digits, null where null. Equal to Python's `hmac`.

    HMAC by its definition (RFC 2104), vectorised by DuckDB's sha256, once a distinct value.
    """
    inner, outer = _pads(secret)
    distinct = values.drop_nulls().unique().to_frame("id")
    if distinct.is_empty():
        return pl.Series(values.name, [None] * len(values), dtype=pl.String)
    with duckdb.connect() as con:
        con.register("ids", distinct.to_arrow())
        keyed = con.execute(
            "select id, sha256($outer::blob || unhex(sha256($inner::blob || encode(id)))) as pseudonym from ids",
            {"outer": outer, "inner": inner},
        ).pl()
    joined = values.to_frame("id").join(keyed, on="id", how="left", maintain_order="left")
    return joined["pseudonym"].alias(values.name)


def _pads(secret: bytes) -> tuple[bytes, bytes]:
    key = hashlib.sha256(secret).digest() if len(secret) > BLOCK_BYTES else secret
    key = key.ljust(BLOCK_BYTES, b"\0")
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def age_band(birth_year: pl.Expr, at: pl.Expr) -> pl.Expr:
    """The age band at a date, from the year of birth: age = year of the date − year of birth (figures §2)."""
    age = at.dt.year() - birth_year
    band: Any = pl.when(age.is_null() | (age < 0)).then(None)  # Polars types each link of a chain apart
    for upper, code in AGE_BANDS:
        band = band.when(age < upper).then(pl.lit(code))
    return band.otherwise(pl.lit(OLDEST_BAND))


def drop_personal_of(tables: Sequence[tuple[pl.DataFrame, Contract]], secret: bytes) -> list[pl.DataFrame]:
    """`drop_personal` of many tables, those of one contract together: each result is the one it gives alone."""
    alike: dict[str, list[int]] = {}
    for number, (_, contract) in enumerate(tables):
        alike.setdefault(contract.layout, []).append(number)
    found: dict[int, pl.DataFrame] = {}
    for numbers in alike.values():
        whole = drop_personal(pl.concat([tables[n][0] for n in numbers]), tables[numbers[0]][1], secret)
        ends = accumulate((tables[n][0].height for n in numbers), initial=0)
        found |= {n: whole.slice(start, end - start) for n, (start, end) in zip(numbers, pairwise(ends), strict=True)}
    return [found[number] for number in range(len(tables))]


def drop_personal(rows: pl.DataFrame, contract: Contract, secret: bytes) -> pl.DataFrame:
    """Replace the personal columns of typed rows by what may be kept; the rest is untouched."""
    for field in contract.fields:
        if field.name not in rows.columns:
            continue
        if field.pseudonym:
            key = pseudonymise(rows[field.name], secret).alias(field.pseudonym)
            rows = rows.with_columns(key).drop(field.name)
        elif field.age_band:
            band = age_band(pl.col(field.name), pl.col(field.age_band.at)).alias(field.age_band.column)
            rows = rows.with_columns(band).drop(field.name)
    return rows
