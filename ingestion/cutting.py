"""Pseudonyms of the lake cut: each of those given is replaced, in every line of every file, by one drawn at random.

Counts do not move: one pseudonym stays one pseudonym. Call it under the home's lock. Does not live here: whose
pseudonyms (person, retention), the register of what was done (erased), originals (originals).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import polars as pl

from ingestion.erased import Erasure, mark, new_key, pseudonyms
from ingestion.lake import Lake
from ingestion.parquet import read_parts
from ingestion.receipt import Receipt
from ingestion.rewriting import Anew, rewrite

ROWS = "rows.parquet"


@dataclass(frozen=True)
class Held:
    """The lines of one loaded file that are under the pseudonyms asked for, whole."""

    receipt: Receipt
    column: str
    lines: pl.DataFrame


def find_keys(lake: Lake, keys: Collection[str]) -> list[Held]:
    """The lines of the lake under those pseudonyms, by file, oldest extraction first."""
    found = []
    for receipt in lake.receipts():
        for column in pseudonyms(lake.contracts[receipt.dataset or ""]):
            path = lake.folder_of(receipt.dataset or "", receipt.file_id) / ROWS
            lines = pl.scan_parquet(path, glob=False).filter(pl.col(column).is_in(list(keys))).collect()
            if lines.height:
                found.append(Held(receipt, column, lines))
    return found


def cut(
    lake: Lake, keys: Collection[str], why: str, originals: Mapping[str, str] | None = None
) -> tuple[Erasure, dict[str, str]]:
    """Replace the pseudonyms, keep it in the register, seal the lake anew. Returns the entry, and old → new pseudonym.

    `originals`: sha256 of delivered files → what becomes of their original (« rewritten », « erased »): their receipts
    say it. All of it is done, or nothing (rewriting).
    """
    lake.verify()  # what is sealed anew was what had been written
    held = find_keys(lake, keys)
    drawn = {key: new_key() for key in sorted({key for one in held for key in one.lines[one.column]})}
    originals = originals or {}
    anew = {one.receipt.file_id: partial(_replaced, lake, one, drawn) for one in held}
    changes = []
    for receipt in lake.receipts():
        told = {"original": originals[receipt.sha256]} if receipt.sha256 in originals else {}
        if told or receipt.file_id in anew:
            changes.append(Anew(receipt, {ROWS: anew[receipt.file_id]} if receipt.file_id in anew else {}, told))
    now = datetime.now(UTC).replace(tzinfo=None)
    erasure = Erasure(
        erasure_id=f"{now:%Y%m%dT%H%M%SZ}-{uuid4().hex[:6]}",
        erased_at=now,
        why=why,
        keys_sha256=tuple(sorted(map(mark, drawn.values()))),
        lines=sum(one.lines.height for one in held),
        files=len(held),
        originals=dict(Counter(originals.values())),
    )
    rewrite(lake, changes, {erasure.place: erasure.to_json()})
    return erasure, drawn


def _replaced(lake: Lake, held: Held, drawn: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    for part in read_parts(lake.folder_of(held.receipt.dataset or "", held.receipt.file_id) / ROWS):
        yield part.with_columns(pl.col(held.column).replace(drawn))
