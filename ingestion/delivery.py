"""One file received in one run, as told to whoever launched it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingestion.receipt import Receipt


class IngestionError(Exception):
    """The run cannot go on (full disk, folder not writable, wrong secret); the French message says what to do."""


def not_read(why: str) -> str:
    """The note of a file left where it is, French. As every note, it is told beside the name of the file."""
    return f"Il n’est pas lu : {why}."


@dataclass(frozen=True)
class Delivery:
    """Grain: one file received in this run (exports §3).

    `outcome`: loaded, duplicate, rejected, or `left` (still in the landing folder: being written, no permission).
    `reason`: one of exports §3 when rejected. `notes`: French sentences to show. Counts are data lines.
    """

    file_name: str
    outcome: str
    received_at: datetime
    file_id: str = ""
    sha256: str = ""
    dataset: str | None = None
    extract_date: date | None = None
    reason: str | None = None
    lines_read: int = 0
    lines_accepted: int = 0
    lines_rejected: int = 0
    lines_duplicate: int = 0
    report_path: Path | None = None
    notes: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, receipt: Receipt, report_path: Path | None, notes: tuple[str, ...] = ()) -> Delivery:
        """The delivery a receipt tells of."""
        return cls(
            file_name=receipt.file_name,
            outcome=receipt.outcome,
            received_at=receipt.received_at,
            file_id=receipt.file_id,
            sha256=receipt.sha256,
            dataset=receipt.dataset,
            extract_date=receipt.extract_date,
            reason=receipt.reason,
            lines_read=receipt.lines_read,
            lines_accepted=receipt.lines_accepted,
            lines_rejected=receipt.lines_rejected,
            lines_duplicate=receipt.lines_duplicate,
            report_path=report_path,
            notes=notes,
        )


@dataclass(frozen=True)
class Progress:
    """Where a run is: `done` files of `total`; `text` is a French sentence, as is str()."""

    done: int
    total: int
    file_name: str
    text: str

    def __str__(self) -> str:
        return self.text
