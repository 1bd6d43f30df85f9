"""What the archive and the lake keep past its term: originals, values of rejected lines, pseudonyms of long ago.

The lake, which rebuilds everything, loses no line. Call it under the home's lock. Does not live here: how long each is
kept (programme), other places of a home and the applying of all of it (orchestration/retention).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl

from ingestion.cutting import ROWS
from ingestion.erased import load, mark, pseudonyms
from ingestion.intake import Folders, IngestionError
from ingestion.lake import FINDINGS, Lake
from ingestion.parquet import read_parts
from ingestion.receipt import Receipt
from ingestion.rewriting import Anew, rewrite
from ingestion.vault import REPORT_NAME
from presentation.system_errors import tell_error


@dataclass(frozen=True)
class Purged:
    """One original (or its `.sha256`): where it is, since when, its size."""

    path: Path
    since: date
    size_bytes: int


def originals_before(root: Path, before: date) -> list[Purged]:
    """The originals received before a day, of the archive or of the quarantine (one folder a day); reports stay."""
    return sorted(_originals(root, before), key=lambda p: (p.since, p.path))


def remove_originals(folders: Folders, found: list[Purged]) -> None:
    """Remove them, then the folders they leave empty.

    Raises IngestionError (French) when one cannot be removed; those already removed stay so.
    """
    for item in found:
        try:
            item.path.unlink(missing_ok=True)
        except OSError as error:
            raise IngestionError(f"{item.path} ne peut pas être effacé ({tell_error(error)}).") from error
    _remove_empty_folders(folders.archive)


def _originals(root: Path, before: date) -> Iterator[Purged]:
    for folder in root.glob("*-*-*"):
        day = _day(folder.name)
        if day is not None and day < before:
            kept = (p for p in folder.rglob("*") if p.is_file() and p.name != REPORT_NAME)
            yield from (Purged(p, day, p.stat().st_size) for p in kept)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _remove_empty_folders(root: Path) -> None:
    for folder in sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()) and folder.name != "quarantine":
            folder.rmdir()


# --- the lake --------------------------------------------------------------------------------------------


def values_before(lake: Lake, before: date) -> dict[str, int]:
    """Files received before a day whose rejected lines or values set aside still have their value → how many."""
    found = {r.file_id: sum(_count_values(lake, r, name) for name in FINDINGS) for r in _received(lake, before)}
    return {file_id: number for file_id, number in found.items() if number}


def forget_values(lake: Lake, before: date) -> int:
    """Empty those values: the line, its column and its reason stay. Returns how many. Raises LakeCorruption."""
    lake.verify()
    told = values_before(lake, before)
    changes = []
    for receipt in _received(lake, before):
        if receipt.file_id in told:
            changes.append(Anew(receipt, {name: partial(_emptied, lake, receipt, name) for name in FINDINGS}))
    rewrite(lake, changes)
    return sum(told.values())


def keys_before(lake: Lake, before: date) -> list[str]:
    """Pseudonyms, not cut yet, whose last prescription dates from before a day; in the order of the pseudonyms."""
    drawn = {one for erasure in load(lake) for one in erasure["keys_sha256"]}
    found: list[str] = []
    for dataset, contract in lake.contracts.items():
        for column in pseudonyms(contract):
            paths = [lake.folder_of(dataset, r.file_id) / ROWS for r in lake.receipts() if r.dataset == dataset]
            if not paths:
                continue
            at = next(field.age_band.at for field in contract.fields if field.age_band)
            last = pl.scan_parquet(paths, glob=False).group_by(column).agg(pl.col(at).max())
            old = last.filter((pl.col(at) < before) & pl.col(column).is_not_null()).collect()
            found += [key for key in old[column] if mark(key) not in drawn]
    return sorted(found)


def _received(lake: Lake, before: date) -> list[Receipt]:
    return [r for r in lake.receipts() if r.received_at.date() < before and (r.lines_rejected or r.field_issues)]


def _findings(lake: Lake, receipt: Receipt, name: str) -> Path:
    return lake.folder_of(receipt.dataset or "", receipt.file_id) / name


def _emptied(lake: Lake, receipt: Receipt, name: str) -> Iterator[pl.DataFrame]:
    for part in read_parts(_findings(lake, receipt, name)):
        yield part.with_columns(value=pl.lit(None, dtype=pl.String))


def _count_values(lake: Lake, receipt: Receipt, name: str) -> int:
    return pl.scan_parquet(_findings(lake, receipt, name), glob=False).select(pl.col("value").count()).collect().item()
