"""A person's request carried out: what the home holds of them as delivered, and their pseudonym and cells cut from it.

Lines of the lake stay, under a pseudonym drawn at random; the originals lose the cells that name them; a refused file
that names them goes whole. Counts do not move. Safe against a kill: asked again, it does what was left. Call it under
the home's lock. Does not live here: published versions (warehouse), what is said of it (orchestration).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import polars as pl

from ingestion.contract import load_layouts
from ingestion.cutting import Held, cut, find_keys
from ingestion.erased import REQUEST, Erasure
from ingestion.forgetting import Planned, plan
from ingestion.intake import Folders
from ingestion.lake import Lake
from ingestion.person import Named, Person, delivered_name, search_originals
from ingestion.reader import read_table
from ingestion.refusal import Refusal
from ingestion.unpack import unpack


@dataclass(frozen=True)
class Findings:
    """What names a person: lines of the lake by file, lines of originals by member (the quarantine's too)."""

    held: tuple[Held, ...]
    named: tuple[Named, ...]

    @property
    def is_empty(self) -> bool:
        return not self.held and not self.named

    @property
    def lake_lines(self) -> int:
        return sum(one.lines.height for one in self.held)

    @property
    def original_lines(self) -> int:
        return sum(len(one.lines) for one in self.named)


def find(folders: Folders, lake: Lake, person: Person, secret: bytes) -> Findings:
    """Everything as delivered that names the person. Raises LakeCorruption."""
    held = tuple(find_keys(lake, [person.key]))
    return Findings(held, tuple(search_originals(folders, person, secret)))


def plan_originals(folders: Folders, found: Findings, person: Person, secret: bytes) -> list[Planned]:
    """What each original that names the person becomes; nothing is written."""

    def is_clean(path: Path, data: bytes) -> bool:
        before = _records(path, path.read_bytes(), folders)
        aside = list(search_originals(folders, person, secret, {path: data}))
        return not aside and None not in before and _records(path, data, folders) == before

    return [
        plan(path, list(members), is_clean)
        for path, members in groupby(sorted(found.named, key=lambda n: n.path), key=lambda n: n.path)
    ]


def erase(
    folders: Folders, lake: Lake, person: Person, secret: bytes, tell: Callable[[str], None] = lambda _: None
) -> tuple[Erasure, dict[str, str]]:
    """Cut the person from the lake, then from the originals. Returns the entry of the register, and old → new.

    Raises LakeCorruption before anything is done, OSError where an original cannot be written: asked again, the rest
    follows.
    """
    planned = plan_originals(folders, find(folders, lake, person, secret), person, secret)
    fates = {digest: one.fate for one in planned for digest in one.sha256}
    erasure, drawn = cut(lake, [person.key], REQUEST, fates)
    tell("Le lac est récrit et scellé de nouveau.")
    for one in planned:
        one.write()
    if planned:
        tell("Les originaux de l’archive sont récrits.")
    return erasure, drawn


def _records(path: Path, data: bytes, folders: Folders) -> list[int | None]:
    """How many records each member holds; None for one that cannot be read."""
    layouts = load_layouts()
    counts: list[int | None] = []
    try:
        for member in unpack(delivered_name(path), data, folder=folders.archive):
            try:
                counts.append(read_table(member, layouts).read().height)
            except Refusal:
                counts.append(None)
    except Refusal:
        return [None]
    return counts


def rejected_of(lake: Lake, named: Named) -> list[int]:
    """Which of the lines of an original were rejected when it was loaded: the lake keeps them without the person."""
    receipt = next((r for r in lake.receipts() if r.sha256 == named.member.sha256), None)
    if receipt is None:
        return []
    path = lake.folder_of(receipt.dataset or "", receipt.file_id) / "rejected.parquet"
    lines = pl.read_parquet(path, columns=["line_number"], glob=False)["line_number"]
    return sorted(set(lines) & set(named.lines))
