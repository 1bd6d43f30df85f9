"""XLSX sheets → one String column a sheet column, one row a sheet row (row numbers are the sheet's).

Opened by a process apart (sheet_process), one for all the workbooks of a run. Does not live here: which sheet is the
right one (reader), how cells are told apart (sheet_cells), dates written as serials (values).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import polars as pl

from ingestion import limits
from ingestion.personal import looks_like_value
from ingestion.personal_text import mask_sentence
from ingestion.refusal import Refusal, too_large, unreadable
from ingestion.sheet_process import SEPARATOR

HEAD_ROWS = 60
"""Rows with a value that are read of a sheet to find its header."""
LONGEST_NAME = 31
"""Excel allows no longer one."""


@dataclass(frozen=True)
class Sheet:
    """`frame`: columns `c0`…, all String; row i is row i + 1 of the sheet. `number`: its place, from 1.

    `is_whole`: False where only the first rows were asked for, and more follow.
    """

    number: int
    name: str
    frame: pl.DataFrame
    uses_1904: bool
    is_whole: bool = True


class Workbook:
    """The visible and hidden sheets of a workbook, in its order. Every call may raise Refusal `unreadable`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._names: list[str] = []
        self.uses_1904 = False
        with _LOCK:
            self._open()

    def heads(self, after: int = 0) -> Iterator[Sheet]:
        """The first rows of the sheets that come after a number of them: their headers, not more."""
        for number in range(after + 1, len(self._names) + 1):
            yield self.load(number, HEAD_ROWS)

    def load(self, number: int, filled_rows: int | None = None) -> Sheet:
        """One sheet by its number, whole or its first rows with a value."""
        with _LOCK:
            if _process().workbook is not self:
                self._open()
            answers = _process().ask({"read": number - 1, "filled_rows": filled_rows})
        is_whole = not any(answer["is_cut"] for answer, _ in answers)
        return Sheet(number, self._names[number - 1], _gather(answers), self.uses_1904, is_whole)

    def _open(self) -> None:
        process = _process()
        process.workbook = None
        ((answer, _),) = process.ask({"open": len(self._data)}, self._data)
        self._names, self.uses_1904 = answer["sheets"], answer["uses_1904"]
        process.workbook = self


def tell_sheet(sheet: Sheet) -> str:
    """A sheet as reports name it: its number, and its name unless that looks like somebody's."""
    name = sheet.name.strip()[:LONGEST_NAME]
    is_shown = name and name.isprintable() and not looks_like_value(name) and mask_sentence(name) == name
    return f"la feuille {sheet.number} (« {name} »)" if is_shown else f"la feuille {sheet.number}"


def filled_rows(frame: pl.DataFrame) -> pl.Series:
    """Rows with something written in them."""
    if not frame.width:
        return pl.Series([], dtype=pl.Boolean)
    return frame.select(pl.any_horizontal(pl.all().str.contains(r"\S").fill_null(False))).to_series()


def too_many_columns() -> Refusal:
    """The refusal of a table wider than any export."""
    return unreadable(
        f"Le fichier a plus de {limits.MAX_COLUMNS} colonnes.",
        "Vérifiez le séparateur et l’export : aucun des exports attendus n’a plus de 50 colonnes.",
    )


Answer = tuple[dict[str, Any], dict[int, str]]


class _Process:
    """The process that opens workbooks, and the one it has open. A dead one refuses the file it was reading."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.workbook: Workbook | None = None
        code = "from ingestion.sheet_process import main; main()"
        self._child = subprocess.Popen(
            [sys.executable, "-S", "-c", code, str(limits.MAX_WORKBOOK_MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        )

    @property
    def is_usable(self) -> bool:
        """Still running, and started by this very process (not by the one it was forked from)."""
        return self.owner == os.getpid() and self._child.poll() is None

    def ask(self, request: dict[str, Any], data: bytes = b"") -> list[Answer]:
        """The answers to one request. Raises Refusal where the file is refused, or ended the process."""
        found: list[Answer] = []
        try:
            requests, answers = _pipe(self._child.stdin), _pipe(self._child.stdout)
            requests.write(json.dumps(request).encode() + b"\n" + data)
            requests.flush()
            while line := answers.readline():
                answer = json.loads(line)
                if "error" in answer:
                    raise self._refuse(answer["error"])
                if "end" in answer:
                    return found
                found.append((answer, {c: _read(answers, size) for c, size in answer.get("columns", [])}))
        except (OSError, ValueError) as error:
            self.end()
            raise too_large() from error
        self.end()
        raise too_large()

    def end(self) -> None:
        """Another process opens the next workbook."""
        self.workbook = None
        self._child.kill()
        self._child.communicate()

    def _refuse(self, error: str) -> Refusal:
        self.workbook = None
        if error == "memory":
            self.end()
            return too_large()
        return _REFUSALS.get(error, _broken)()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise ValueError("no pipe")
    return stream


def _read(answers: IO[bytes], size: int) -> str:
    data = answers.read(size)
    if len(data) < size:
        raise ValueError("cut short")
    return data.decode()


_LOCK = threading.Lock()
_STARTED: list[_Process] = []


def _process() -> _Process:
    """The one of this process, started when it is needed first."""
    if not _STARTED or not _STARTED[-1].is_usable:
        _STARTED[:] = [_Process()]
    return _STARTED[-1]


def _gather(answers: list[Answer]) -> pl.DataFrame:
    """Rows of every answer, end to end; empty cells are null."""
    width = max((column for _, texts in answers for column in texts), default=-1) + 1
    names = [f"c{column}" for column in range(width)]
    height = sum(answer["rows"] for answer, _ in answers)
    columns = []
    for column, name in enumerate(names):
        parts = [_column(texts.get(column), answer["rows"]) for answer, texts in answers]
        columns.append(pl.concat(parts).alias(name))
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all())) if height else frame


def _column(text: str | None, rows: int) -> pl.Series:
    found = pl.Series([] if text is None else text.split(SEPARATOR), dtype=pl.String)
    missing = rows - len(found)
    return found.extend(pl.Series([None], dtype=pl.String).new_from_index(0, missing)) if missing else found


def _broken() -> Refusal:
    return unreadable(
        "Le classeur Excel est abîmé ou incomplet : il ne s’ouvre pas.",
        "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le de nouveau en XLSX, puis redéposez-le.",
    )


def _too_large() -> Refusal:
    return unreadable(
        "Le classeur Excel est démesurément grand une fois ouvert (une cellule isolée très loin du tableau suffit).",
        "Supprimez les lignes et colonnes vides autour du tableau, ou enregistrez-le en CSV UTF-8.",
    )


def _document() -> Refusal:
    return unreadable(
        "Ce fichier est un document bureautique qui n’est pas un classeur XLSX.",
        "Enregistrez-le en XLSX ou en CSV UTF-8.",
    )


def _too_wide() -> Refusal:
    return unreadable(
        f"La feuille a plus de {limits.MAX_COLUMNS} colonnes.",
        "Supprimez ce qui est écrit loin à droite du tableau : aucun des exports attendus n’a plus de 50 colonnes.",
    )


_REFUSALS = {"wide": _too_wide, "large": _too_large, "document": _document, "broken": _broken}
