"""Folders of the lake written anew, all of them or none: the only way in which what was loaded ever changes.

Every new file is written aside and flushed, then one rename commits them together; from then on each takes its place,
and `finish` goes on where a kill stopped. Receipts are sealed anew with the files they list. Call it under the home's
lock. Does not live here: what is changed, and why (erasing, retention).
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.receipt import RECEIPT_NAME, Receipt, hash_file
from storage.atomic import fsync_path, write_atomically

if TYPE_CHECKING:
    import polars as pl

    from ingestion.lake import Lake

STAGING, COMMITTED = "_staging", "_rewriting"


@dataclass(frozen=True)
class Anew:
    """What changes in the folder of one loaded file: tables and texts by name, what its receipt says.

    `frames`: what gives each table anew, a part at a time.
    """

    receipt: Receipt
    frames: Mapping[str, Callable[[], Iterable[pl.DataFrame]]] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def rewrite(lake: Lake, changes: list[Anew], notes: Mapping[str, bytes] | None = None) -> None:
    """Write the folders anew, and `notes` (path under the lake → content) with them.

    After a kill at any instant either nothing has changed, or `finish` makes all of it so. OSError passes through.
    """
    from ingestion.parquet import write_parts

    finish(lake.root)
    work = lake.root / STAGING / uuid.uuid4().hex
    work.mkdir(parents=True)
    try:
        for change in changes:
            receipt = change.receipt
            folder = work / (receipt.dataset or "") / receipt.file_id
            folder.mkdir(parents=True)
            for name, parts in change.frames.items():
                write_parts(parts(), folder / name)
                fsync_path(folder / name)
            for name, text in change.texts.items():
                write_atomically(folder / name, text.encode())
            sealed = receipt.files | {name: hash_file(folder / name) for name in (*change.frames, *change.texts)}
            final = receipt.model_copy(update={**change.told, "files": sealed})
            write_atomically(folder / RECEIPT_NAME, final.to_json())
        for name, content in (notes or {}).items():
            write_atomically(work / name, content)
        for path in sorted(work.rglob("*")):
            if path.is_dir():
                fsync_path(path)
        work.rename(lake.root / COMMITTED)
        fsync_path(lake.root)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    finish(lake.root)


def is_under_way(root: Path) -> bool:
    """Whether a killed process left a rewriting that is decided and not done."""
    return (root / COMMITTED).is_dir()


def finish(root: Path) -> bool:
    """Put in place what was committed and is not yet there; whether there was anything. Any number of times."""
    committed = root / COMMITTED
    if not committed.is_dir():
        return False
    for path in sorted(p for p in committed.rglob("*") if p.is_file()):
        target = root / path.relative_to(committed)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        fsync_path(target.parent)
    shutil.rmtree(committed)
    fsync_path(root)
    return True
