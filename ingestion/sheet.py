"""XLSX sheets → one String column a sheet column, one row a sheet row (row numbers are the sheet's).

Does not live here: which sheet is the right one (reader), dates written as serials (values).
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import fastexcel
import numpy as np
import polars as pl

from ingestion import limits
from ingestion.refusal import unreadable

# What the library logs of a broken workbook, in English, is not for whoever runs the command: a refusal tells it.
for _library in ("fastexcel", "calamine"):
    logging.getLogger(_library).addHandler(logging.NullHandler())
_BROKEN = (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_CELL = re.compile(rb'<c r="([A-Z]{1,3})')
_ROW = re.compile(rb'<(?:c|row) r="[A-Z]{0,3}([0-9]{1,9})"')
_SHARED = re.compile(rb't="s"[^>]*>(?:<f>[^<]*</f>)?<v>([0-9]{1,9})</v>')
_PIECE = 8 * 1024**2
HEAD_ROWS = 200
ROUNDED_MARK = "\x1a"
"""Control character added to a number that Excel rounded: a bad value under every type."""


@dataclass(frozen=True)
class Sheet:
    """`frame`: columns `c0`…, all String; row i is row i + 1 of the sheet."""

    name: str
    frame: pl.DataFrame
    uses_1904: bool


class Workbook:
    """The visible and hidden sheets of a workbook, in its order. Every call may raise Refusal `unreadable`."""

    def __init__(self, data: bytes) -> None:
        with _refusing_broken():
            self.uses_1904 = _check_workbook(data)
            self._book = fastexcel.read_excel(data)

    def sheets(self) -> Iterator[Sheet]:
        """Every sheet, loaded one at a time."""
        for index, name in enumerate(self._book.sheet_names):
            with _refusing_broken():
                sheet = Sheet(name, _load(self._book, index), self.uses_1904)
            yield sheet

    def heads(self, after: int) -> Iterator[tuple[int, Sheet]]:
        """Number (from 1) and first rows of the sheets that come after a number of them: their headers, not more."""
        for index, name in list(enumerate(self._book.sheet_names))[after:]:
            with _refusing_broken():
                sheet = Sheet(name, _load(self._book, index, HEAD_ROWS), self.uses_1904)
            yield index + 1, sheet


@contextlib.contextmanager
def _refusing_broken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise unreadable(
            "Le classeur Excel est abîmé ou incomplet : il ne s’ouvre pas.",
            "Ouvrez-le dans Excel ou LibreOffice, enregistrez-le de nouveau en XLSX, puis redéposez-le.",
        ) from error


def _load(workbook: fastexcel.ExcelReader, index: int, rows: int | None = None) -> pl.DataFrame:
    sheet = workbook.load_sheet(index, header_row=None, skip_rows=0, n_rows=rows, dtypes="string")
    if sheet.width > limits.MAX_COLUMNS:
        raise too_many_columns()
    frame = sheet.to_polars()
    frame.columns = [f"c{i}" for i in range(frame.width)]
    return _mark_rounded_numbers(workbook, index, frame)


def filled_rows(frame: pl.DataFrame) -> pl.Series:
    """Rows with something written in them."""
    if not frame.width:
        return pl.Series([], dtype=pl.Boolean)
    return frame.select(pl.any_horizontal(pl.all().str.contains(r"\S").fill_null(False))).to_series()


def too_many_columns() -> Exception:
    """The refusal of a table wider than any export."""
    return unreadable(
        f"Le fichier a plus de {limits.MAX_COLUMNS} colonnes.",
        "Vérifiez le séparateur et l’export : aucun des exports attendus n’a plus de 50 colonnes.",
    )


def _mark_rounded_numbers(workbook: fastexcel.ExcelReader, index: int, frame: pl.DataFrame) -> pl.DataFrame:
    """A NUMBER of 16 digits or more lost its last ones in Excel: marked, so that no field takes it for exact.

    The same digits typed as text are exact. Read as booleans, numbers give a value and texts give none.
    """
    long = [c for c in frame.columns if frame[c].str.contains(r"^[0-9]{16,}$").any()]
    if not long:
        return frame
    booleans = workbook.load_sheet(index, header_row=None, skip_rows=0, dtypes="boolean").to_polars()
    booleans.columns = frame.columns
    return frame.with_columns(
        pl.when(booleans[c].is_not_null() & pl.col(c).str.contains(r"^[0-9]{16,}$"))
        .then(pl.col(c) + ROUNDED_MARK)
        .otherwise(pl.col(c))
        .alias(c)
        for c in long
    )


def _check_workbook(data: bytes) -> bool:
    """Refuse what would not fit in memory once open; tells whether the workbook counts days from 1904."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    infos = archive.infolist()
    total = sum(info.file_size for info in infos)
    is_bomb = total > limits.RATIO_APPLIES_ABOVE_BYTES and total > limits.MAX_COMPRESSION_RATIO * len(data)
    if total > limits.MAX_SHEET_TEXT_BYTES or is_bomb or len(infos) > limits.MAX_ARCHIVE_MEMBERS:
        raise _too_large()
    lengths = _shared_lengths(archive)
    for info in infos:
        if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
            _check_sheet(archive, info, lengths)
    with archive.open("xl/workbook.xml") as stream:
        return bool(re.search(rb'date1904="(?:1|true)"', stream.read(_PIECE)))


def _check_sheet(archive: zipfile.ZipFile, info: zipfile.ZipInfo, lengths: np.ndarray) -> None:
    columns: set[bytes] = set()
    rows, text_bytes = 0, 0
    for piece in _pieces(archive, info):
        columns.update(_CELL.findall(piece))
        rows = max(rows, max((int(r) for r in set(_ROW.findall(piece))), default=0))
        if len(lengths):
            used = np.array(_SHARED.findall(piece), dtype=np.int64)
            text_bytes += int(lengths[used[used < len(lengths)]].sum())
    width = max((_column_number(c) for c in columns), default=0)
    if rows * width > limits.MAX_SHEET_CELLS or text_bytes > limits.MAX_SHEET_TEXT_BYTES:
        raise _too_large()


def _shared_lengths(archive: zipfile.ZipFile) -> np.ndarray:
    """Bytes of each shared string: a few of them repeated in every cell would fill the memory."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return np.zeros(0, dtype=np.int64)
    text = archive.read("xl/sharedStrings.xml")
    ends = np.array([m.end() for m in re.finditer(rb"</si>|<si/>", text)], dtype=np.int64)
    return np.diff(ends, prepend=0)


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(info) as stream:
        while piece := stream.read(_PIECE):
            cut = piece.rfind(b"<c ")
            if cut < 0:
                tail = (tail + piece)[-2 * _PIECE :]
                continue
            yield tail + piece[:cut]
            tail = piece[cut:]
    yield tail


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large() -> Exception:
    return unreadable(
        "Le classeur Excel est démesurément grand une fois ouvert (une cellule isolée très loin du tableau suffit).",
        "Supprimez les lignes et colonnes vides autour du tableau, ou enregistrez-le en CSV UTF-8.",
    )
