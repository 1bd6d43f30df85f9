"""What was reported: the reports' folders and the state the next report is compared with, in home/reports/qualite.

    qualite/etat.json              the reports written, oldest first (small, replaced atomically)
    qualite/<date>-<build>/        one folder an edition, and faits.parquet: what was to mend
    qualite/envois/<id>.json       who was sent what (outbox.py)

Does not live here: what a report says.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from presentation.sentences import PUT_BACK
from storage.atomic import folder_atomically, remove_left_overs, write_atomically
from warehouse.settings import Home

KEPT_REPORTS = 200
FACTS = "faits.parquet"


class DamagedRecord(ValueError):
    """A file that says what was written, sent or told can no longer be read; the French message gives the remedy."""


@dataclass(frozen=True)
class ReportRecord:
    """Grain: one report written. `titles`: problem key → its title; `blocking`: codes that refused the build."""

    report_id: str
    written_on: date
    build_id: str
    status: str
    verdict: str
    inputs_sha256: str
    blocking: list[str]
    titles: dict[str, str]


@dataclass(frozen=True)
class Entry:
    """Grain: one letter of a ledger (outbox.py). `at`: the instant of the last change (UTC)."""

    key: str
    to: str
    status: str
    at: str = ""
    attempts: int = 0
    message_id: str = ""
    error: str = ""


T = TypeVar("T")
_RECORDS = TypeAdapter(list[ReportRecord])
_ENTRIES = TypeAdapter(list[Entry])


def quality_folder(home: Home) -> Path:
    """Where the reports are; nothing is created."""
    return home.reports / "qualite"


def make_report_id(written_on: date, build_id: str) -> str:
    """One report a day and build: 2026-11-24-20261124T110422Z-7ef616."""
    return f"{written_on.isoformat()}-{build_id}"


def read_records(home: Home) -> list[ReportRecord]:
    """Every report known, oldest first; none before the first one."""
    lost = "on ne sait plus à quel rapport comparer le prochain"
    otherwise = "le prochain rapport sera dit le premier"
    return read_kept(quality_folder(home) / "etat.json", _RECORDS, "L'état des rapports de qualité", lost, otherwise)


def find_previous(home: Home, report_id: str) -> ReportRecord | None:
    """The report before `report_id` that people have read: the last one sent, else (nothing was ever sent) the last one
    written. A report somebody writes on the side between two mails must not make the next mail say « rien de nouveau ».
    """
    kept = read_before(home, report_id)
    sent = [record for record in kept if told_editions(home, record.report_id)]
    read = sent or kept
    return read[-1] if read else None


def read_before(home: Home, report_id: str) -> list[ReportRecord]:
    """The reports written before `report_id` whose facts are kept, oldest first."""
    known = read_records(home)
    names = [record.report_id for record in known]
    before = known[: names.index(report_id)] if report_id in names else known
    return [record for record in before if (quality_folder(home) / record.report_id / FACTS).exists()]


def told_editions(home: Home, report_id: str) -> set[str]:
    """The editions (their slugs) of a report that reached somebody, or may have."""
    entries = read_ledger(ledger_path(home, report_id))
    return {entry.key.rpartition("|")[2] for entry in entries if entry.status in {"envoye", "incertain"}}


def ledger_path(home: Home, name: str) -> Path:
    """Who was sent the report `name` (outbox.Ledger)."""
    return quality_folder(home) / "envois" / f"{name}.json"


def read_ledger(path: Path) -> list[Entry]:
    """Every letter of a ledger, in the order they were first tried; none before the first. Raises DamagedRecord."""
    lost = "on ne sait plus qui a déjà reçu son courriel, et rien ne part"
    otherwise = "chacun recevra ce courriel, quelques-uns peut-être une seconde fois"
    return read_kept(path, _ENTRIES, "Le registre des envois", lost, otherwise)


def read_kept(path: Path, kind: TypeAdapter[list[T]], what: str, lost: str, otherwise: str) -> list[T]:
    """The list of a JSON file; empty where there is no file. Raises DamagedRecord: `what` it is, what is `lost` with
    it, and what happens without a backup (`otherwise`)."""
    if not path.exists():
        return []
    try:
        return kind.validate_json(path.read_bytes())
    except ValidationError:
        raise DamagedRecord(
            f"{what} est illisible ({path}) : {lost}. Le remède : {PUT_BACK}. Sans sauvegarde, renommez ce fichier ; "
            f"{otherwise}."
        ) from None


def read_facts(home: Home, record: ReportRecord) -> pl.DataFrame:
    """What that report said was to mend (content.FACT_COLUMNS)."""
    return pl.read_parquet(quality_folder(home) / record.report_id / FACTS, glob=False)


def save_report(home: Home, record: ReportRecord, files: Mapping[str, bytes], facts: pl.DataFrame) -> Path:
    """Write the report's folder whole or not at all, then add it to the state. `files`: path in the folder → bytes."""
    folder = quality_folder(home) / record.report_id
    remove_left_overs(folder.parent)
    with folder_atomically(folder, replace=True) as aside:
        for name, content in files.items():
            target = aside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        facts.write_parquet(aside / FACTS)
    known = read_records(home)
    names = [one.report_id for one in known]
    if record.report_id in names:
        known[names.index(record.report_id)] = record
    else:
        known.append(record)
    write_json(quality_folder(home) / "etat.json", [asdict(one) for one in known[-KEPT_REPORTS:]])
    return folder


def write_json(path: Path, content: Any) -> None:
    """Replace `path` by `content`, atomically and durably: a reader sees the old text or the new one."""
    write_atomically(path, json.dumps(content, ensure_ascii=False, indent=1, default=str).encode())


@contextlib.contextmanager
def one_at_a_time(home: Home) -> Iterator[None]:
    """Held while a report is written or sent: a second process waits, so that nobody receives two."""
    folder = quality_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".verrou"):
        yield


def safe_name(text: str) -> str:
    """A part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text)
