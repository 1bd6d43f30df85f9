"""The receipt of one file received: what it was, what became of it, and the proof of what the lake holds.

Does not live here: writing rows (lake), deciding an outcome (intake).
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["loaded", "duplicate", "rejected"]
Reason = Literal[
    "empty_file", "unreadable", "unknown_layout", "missing_columns", "missing_extract_date",
    "future_extract_date",
]  # fmt: skip

RECEIPT_NAME = "receipt.json"
IDENTIFIER_RULE = 1
"""The number of the rule under which an identifier is written before its pseudonym is made (pseudonym.RULES)."""


class Receipt(BaseModel):
    """Grain: one file received (exports §5). Counts are data lines; blank, title, TOTAL apart."""

    model_config = ConfigDict(frozen=True)

    file_id: str
    sha256: str
    file_name: str
    dataset: str | None = None
    layout: str | None = None
    extract_date: date | None = None
    received_at: datetime
    outcome: Outcome
    reason: Reason | None = None
    lines_read: int = 0
    lines_accepted: int = 0
    lines_rejected: int = 0
    lines_duplicate: int = 0
    #: Lines that another of the file stands for (copies, parts of a carnet); None where an older lake did not tell.
    lines_absorbed: int | None = None
    lines_blank: int = 0
    lines_title: int = 0
    lines_total: int = 0
    rows: int = 0
    field_issues: int = 0
    repairs: dict[str, int] = {}
    encoding: str | None = None
    separator: str | None = None
    header_line: int | None = None
    columns: dict[str, str] = {}
    ignored_columns: list[str] = []
    personal_data_dropped: list[str] = []
    secret_fingerprint: str | None = None
    explanation: str = ""
    landing: str = ""
    files: dict[str, str] = {}
    #: What became of the original since: a person's cells gone from it (`rewritten`), or all of it gone (`erased`).
    #: `sha256` stays that of the file as it was delivered.
    original: Literal["", "rewritten", "erased"] = ""
    #: The rule under which rejects and texts were masked (personal.RULE); 1: before it had a number.
    masking_rule: int = 1
    #: The rule of the pseudonyms (pseudonym.RULES), of a file of people; None: before it had a number, that is 0.
    identifier_rule: int | None = None

    @property
    def holds_nothing(self) -> bool:
        """Every line was rejected: the file is kept for its rejects, and tells nothing of the programme, not even a
        date. A header without lines does: nothing happened."""
        return self.outcome == "loaded" and self.lines_read > 0 and self.lines_accepted == 0

    @property
    def may_share_lines(self) -> bool:
        """Whether one of its lines may be several records (a format of one row a transaction). No: each line that was
        kept as itself, not as a part of another's, made one row. An older lake does not tell: it may."""
        if self.lines_absorbed is None:
            return self.rows > 0
        parts = self.lines_absorbed - self.lines_duplicate
        return self.rows != self.lines_accepted - parts

    def to_json(self) -> bytes:
        """Canonical JSON with a `checksum` of everything else, so that a changed receipt is seen."""
        content = self.model_dump(mode="json")
        return _encode(content | {"checksum": _checksum(content)})

    @classmethod
    def from_json(cls, data: bytes) -> Receipt:
        """Raises ValueError when the content is not a receipt or was changed after it was written."""
        content = json.loads(data)
        if not isinstance(content, dict) or content.pop("checksum", None) != _checksum(content):
            raise ValueError("receipt changed after it was written")
        return cls.model_validate(content)


def _encode(content: dict) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode()


def _checksum(content: dict) -> str:
    return hashlib.sha256(_encode(content)).hexdigest()


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
