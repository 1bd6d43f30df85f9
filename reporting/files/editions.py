"""Issued documents are frozen: numbered editions, those that they replace.

Does not live here: contents, what moved from one to the next (changes.py).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from presentation.french import day
from presentation.table import Table
from reporting.files.tabular import csv_bytes
from storage.atomic import folder_atomically

MANIFEST = "manifest.json"


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


def superseded(found: Sequence[Edition]) -> list[str]:
    """The editions that a new one replaces, the latest first, one sentence each."""
    return [
        f"L'édition {one.number} (données au {day(date.fromisoformat(one.manifest['date_des_donnees']))}, version "
        f"{one.manifest['version']['construction']}) est remplacée par celle-ci : ne l'utilisez plus."
        for one in reversed(found)
    ]


def seals(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What a manifest says of each file: its size in bytes, its sha256."""
    return {path: {"octets": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()}


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


def json_bytes(content: dict[str, Any]) -> bytes:
    """A JSON file of an edition, as a person can read it."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


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
    """Copy a frozen edition to the folder a user asked for: OUT/<document>/<period>/edition-N, as in reports/: two
    documents of a period are both there. Returns the copy. Raises FileExistsError where another edition is."""
    target = out / folder.parent.parent.name / folder.parent.name / folder.name
    if not target.exists():
        shutil.copytree(folder, target)
    elif not (target / MANIFEST).is_file() or (target / MANIFEST).read_bytes() != (folder / MANIFEST).read_bytes():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    return target
