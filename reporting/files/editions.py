"""Issued documents are frozen: numbered editions, compared with the one before. Does not live here: contents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presentation.table import WITHHELD, Table
from reporting.files.tabular import csv_bytes
from storage.atomic import folder_atomically

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Change:
    """One value that differs from the edition before; texts as written in the CSV, « s » included."""

    table: str
    key: str
    column: str
    before: str
    after: str
    why: str


@dataclass(frozen=True)
class Edition:
    """One frozen folder and what its manifest says."""

    number: int
    folder: Path
    manifest: dict[str, Any]


def editions(folder: Path) -> list[Edition]:
    """The editions of one period, oldest first."""
    found = []
    for path in folder.glob(f"edition-*/{MANIFEST}"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        found.append(Edition(int(manifest["edition"]), path.parent, manifest))
    return sorted(found, key=lambda edition: edition.number)


def altered(edition: Edition) -> list[str]:
    """The files of a frozen edition that are missing or are not those its manifest lists."""
    return [
        name
        for name, told in edition.manifest["fichiers"].items()
        if not (path := edition.folder / name).is_file()
        or hashlib.sha256(path.read_bytes()).hexdigest() != told["sha256"]
    ]


def fingerprint(tables: list[Table]) -> str:
    """sha256 of the values issued, masks included: what decides whether an edition is new."""
    digest = hashlib.sha256()
    for table in tables:
        digest.update(table.layout.name.encode() + b"\0" + csv_bytes(table))
    return digest.hexdigest()


def compare(before: Path, tables: list[Table], why: str) -> list[Change]:
    """Every value that differs from the CSV files of `before`, row by key. `why`: the reason given by the data."""
    changes = []
    for table in tables:
        old = _by_key(before / "csv" / f"{table.layout.name}.csv", table.layout.key)
        new = _read(csv_bytes(table).decode("utf-8"), table.layout.key)
        for key in sorted({*old, *new}):
            was, now = old.get(key, {}), new.get(key, {})
            for column in dict.fromkeys([*now, *was]):
                a, b = was.get(column, ""), now.get(column, "")
                if a != b and column not in table.layout.key:
                    reason = _reason(column, was, now, a, b, why)
                    changes.append(Change(table.layout.title, " · ".join(key), _title(table, column), a, b, reason))
    return changes


def _reason(column: str, was: dict[str, Any], now: dict[str, Any], before: str, after: str, why: str) -> str:
    if was and column not in was:
        return "Colonne ajoutée au modèle de l'export"
    if now and column not in now:
        return "Colonne retirée du modèle de l'export"
    if WITHHELD in (before, after):
        return f"Secret statistique : le masque a changé. {why}"
    return why


def _title(table: Table, column: str) -> str:
    return next((c.title for c in table.layout.columns if c.name == column), column)


def _by_key(path: Path, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    return _read(path.read_text(encoding="utf-8"), key) if path.exists() else {}


def _read(text: str, key: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text))
    return {tuple(row.get(name, "") for name in key): row for row in rows}


def freeze(files: dict[str, bytes], folder: Path) -> Path:
    """Write an edition whole or not at all, then make its files read-only. `folder` must not exist yet."""
    with folder_atomically(folder) as work:
        for name, content in files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o400)
        work.chmod(0o700)
    return folder


def deliver(folder: Path, out: Path) -> Path:
    """Copy a frozen edition to the folder a user asked for: OUT/<period>/edition-N. Returns the copy."""
    target = out / folder.parent.name / folder.name
    if not target.exists():
        shutil.copytree(folder, target)
    return target
