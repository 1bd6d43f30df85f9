"""Pseudonyms and age bands: what leaves of the two personal columns (exports §4).

The rule that makes one spelling of an identifier of all those of a person is here, with the older ones. Does not live
here: its number (receipt), a lake written under an older one (upgrading), the secret's place (secret), detection and
masking (personal).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import duckdb
import polars as pl

from ingestion.contract import Contract
from ingestion.receipt import IDENTIFIER_RULE

BLOCK_BYTES = 64
AGE_BANDS = ((18, "moins_18"), (25, "18_24"), (40, "25_39"), (60, "40_59"), (70, "60_69"))
OLDEST_BAND = "70_plus"
IGNORED = r"[\s\p{Cf}\p{Pd}\u02d7\u2043\u207b\u208b\u2212\u2796]"
"""Of an identifier: blanks, no-break, narrow and zero-width ones too; every hyphen, dash and minus."""
_DECIMALS = "^([0-9]+)[.,]0+$"
"""What a spreadsheet makes of a number: `12.0`, `12,00` in French."""


def normalise(identifier: pl.Expr) -> pl.Expr:
    """One spelling of an identifier (exports §4): neither case, blanks, hyphens nor the `.0` of a number count.

    Composed (NFC): accents stay, and so do leading zeros. Null where nothing is left. Given again, it is the same.
    """
    composed = identifier.str.replace_all(IGNORED, "").str.to_uppercase().str.normalize("NFC")
    bare = composed.str.replace(_DECIMALS, "$1")
    return pl.when(bare != "").then(bare)


RULES: dict[int, Callable[[pl.Expr], pl.Expr]] = {0: lambda as_written: as_written, 1: normalise}
"""By number (receipt.IDENTIFIER_RULE is today's). 0: as it was written. One that a lake has known never changes."""


def pseudonymise(values: pl.Series, secret: bytes, rule: int = IDENTIFIER_RULE) -> pl.Series:
    """The pseudonym of each identifier: HMAC-SHA256 of its one spelling under `secret`, 64 hexadecimal digits.

    Null where null, or where the spelling is empty. HMAC by its definition (RFC 2104), vectorised by DuckDB's sha256,
    once a distinct value; equal to Python's `hmac`.
    """
    distinct = values.drop_nulls().unique().to_frame("id").with_columns(bare=RULES[rule](pl.col("id")))
    keyed = distinct.join(_keyed(distinct["bare"], secret), on="bare", how="left")
    joined = values.to_frame("id").join(keyed, on="id", how="left", maintain_order="left")
    return joined["pseudonym"].alias(values.name)


def _keyed(texts: pl.Series, secret: bytes) -> pl.DataFrame:
    """The HMAC of each distinct text: bare, pseudonym."""
    inner, outer = _pads(secret)
    with duckdb.connect() as con:
        con.register("ids", texts.drop_nulls().unique().to_frame("bare").to_arrow())
        return con.execute(
            "select bare, sha256($outer::blob || unhex(sha256($inner::blob || encode(bare)))) as pseudonym from ids",
            {"outer": outer, "inner": inner},
        ).pl()


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
