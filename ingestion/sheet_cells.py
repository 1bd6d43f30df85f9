"""One sheet of an XLSX → its cells as texts, some rows at a time, each told apart: number, date, text, error, formula.

A stream: neither the part nor the sheet is ever held whole, and the used range is measured on the way. Only Python's
own library (see sheet_package). Does not live here: the process it runs in (sheet_process), frames (sheet).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from xml.parsers import expat

from ingestion.cell_marks import DAY_MARK, ERROR_MARK, FIRST_SERIAL, LAST_SERIAL, ROUNDED_MARK, UNCALCULATED_MARK
from ingestion.sheet_package import BrokenWorkbook, Package, local_names, unescape

ROWS_AT_ONCE = 8_192
LARGEST_ROW, LARGEST_COLUMN = 1_048_576, 16_384
EXACT_DIGITS = 15
_NUMBER_SIGNS = frozenset("0123456789.+-eE")
_DIGITS = "0123456789"


class SheetTooLarge(Exception):
    """The used range, or the text of its cells, is more than a run holds."""


class SheetTooWide(SheetTooLarge):
    """More columns than any export has."""


@dataclass(frozen=True)
class Limits:
    """How much of a sheet is read: cells of the used range, characters, columns, filled rows (None: all)."""

    cells: int
    characters: int
    columns: int
    filled_rows: int | None = None


@dataclass(frozen=True)
class Rows:
    """Some rows that follow those before: `count` of them; column → its texts from the first row on, "" where empty
    (the last ones may be left out, and columns without any text). `is_cut`: more rows follow, not asked for."""

    count: int
    columns: dict[int, list[str]]
    is_cut: bool = False


class _Enough(Exception):
    """As many rows as were asked for are read."""


def read_rows(package: Package, part: str, limits: Limits) -> Iterator[Rows]:
    """The rows of a sheet, from its first to its last with a value. Raises BrokenWorkbook, SheetTooLarge."""
    reader = _Reader(package, limits)
    # expat calls back, and rows are handed out between two pieces of the part: a piece is a megabyte at most
    yield from reader.run(part)


class _Reader:
    def __init__(self, package: Package, limits: Limits) -> None:
        self.package = package
        self.limits = limits
        self.ready: list[Rows] = []
        self.columns: dict[int, list[str]] = {}
        self.first_row = 1  # of those in `columns`
        self.last_row = 0  # with a value
        self.width = 0
        self.filled = 0
        self.characters = 0

    def run(self, part: str) -> Iterator[Rows]:
        try:
            for _ in self.package.pieces(part, self._make_parser()):
                yield from self._hand_out()
        except _Enough:
            self._flush(self.last_row, is_cut=True)
        self._flush(self.last_row)
        yield from self._hand_out()

    def _hand_out(self) -> Iterator[Rows]:
        while self.ready:
            yield self.ready.pop(0)

    def _flush(self, last: int, *, is_cut: bool = False) -> None:
        """Set the rows up to that one apart, and count what they hold before it is copied."""
        if last < self.first_row:
            return
        self.characters += sum(sum(map(len, texts)) for texts in self.columns.values())
        if self.characters > self.limits.characters:
            raise SheetTooLarge
        self.ready.append(Rows(last - self.first_row + 1, self.columns, is_cut))
        self.columns = {}
        self.first_row = last + 1

    def _put(self, row: int, column: int, text: str) -> None:
        texts = self.columns.get(column)
        if texts is not None and row == self.last_row and len(texts) == row - self.first_row:
            texts.append(text)
            return
        if row != self.last_row:
            self._enter(row)
        if column >= self.width:
            self._widen(column)
        if self.width * row > self.limits.cells:
            raise SheetTooLarge
        texts = self.columns.setdefault(column, [])
        missing = row - self.first_row - len(texts)
        if missing >= 0:
            texts.extend([""] * missing)
            texts.append(text)
        else:
            texts[row - self.first_row] = text

    def _enter(self, row: int) -> None:
        """A row with a value is about to be written: measured before it is held."""
        if row < self.last_row:
            raise BrokenWorkbook(f"row {row} after {self.last_row}")
        if row > LARGEST_ROW:
            raise BrokenWorkbook(f"row {row}")
        if self.limits.filled_rows is not None and self.filled >= self.limits.filled_rows:
            raise _Enough
        if row - self.first_row >= ROWS_AT_ONCE:
            self._flush(row - 1)
        self.last_row = row
        self.filled += 1

    def _widen(self, column: int) -> None:
        if column >= LARGEST_COLUMN:
            raise BrokenWorkbook(f"column {column}")
        self.width = column + 1
        if self.width > self.limits.columns and self.width * self.last_row <= self.limits.cells:
            raise SheetTooWide

    def _make_parser(self) -> expat.XMLParserType:
        strings = self.package.shared_strings
        dates, uses_1904 = self.package.date_styles, self.package.uses_1904
        distrusted = self.package.is_uncalculated
        put = self._put
        cells, rows, values = local_names("c"), local_names("row"), local_names("v")
        formulas, texts, phonetic = local_names("f"), local_names("t"), local_names("rPh")
        inline = local_names("is")
        place_of: dict[str, int] = {}
        text_of: dict[tuple[bool, str], str] = {}
        row = column = 0
        is_loose = True  # the row tells no number: its first cell may
        kind = style = ""
        in_cell = reading = aside = has_formula = has_value = False
        pieces: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, is_loose, kind, style, in_cell, reading, aside, has_formula, has_value
            if tag in cells:
                place = attributes.get("r")
                if place is None:
                    column += 1
                else:
                    letters = place.rstrip(_DIGITS)
                    found = place_of.get(letters)
                    if found is None:
                        found = place_of[letters] = _column_number(letters)
                    column = found
                    if is_loose:
                        row, is_loose = _row_number(place[len(letters) :]), False
                kind = attributes.get("t", "n")
                style = attributes.get("s", "")
                in_cell, has_formula, has_value = True, False, False
                if pieces:
                    pieces.clear()
            elif tag in values:
                has_value = in_cell
                reading = in_cell and not (pieces and kind == "inlineStr")
            elif tag in rows:
                given = attributes.get("r")
                is_loose = given is None
                row = row + 1 if given is None else _row_number(given)
                column = 0
            elif in_cell:
                if tag in formulas:
                    has_formula = True
                elif tag in texts:
                    reading = kind == "inlineStr" and not aside
                elif tag in inline:
                    pieces.clear()  # an inline text holds against a value beside it
                elif tag in phonetic:
                    aside = True

        def end(tag: str) -> None:
            nonlocal in_cell, reading, aside
            if tag in values:
                reading = False
            elif tag in cells:
                in_cell = False
                if pieces or has_formula:
                    text = make_text(pieces[0] if len(pieces) == 1 else "".join(pieces))
                    if text:
                        put(row, column - 1, text)
            elif tag in texts:
                reading = False
            elif tag in phonetic:
                aside = False

        def characters(text: str) -> None:
            if reading:
                pieces.append(text)

        def make_text(raw: str) -> str:
            if kind == "s":
                try:
                    return strings[int(raw)] if raw else ""
                except (ValueError, IndexError):
                    raise BrokenWorkbook(f"shared string {raw[:20]}") from None
            if has_formula and not raw.strip() and not (has_value and kind == "str"):
                return UNCALCULATED_MARK
            if kind == "n":
                if has_formula and raw == "0" and distrusted:
                    return UNCALCULATED_MARK
                key = (style in dates, raw)
                found = text_of.get(key)
                if found is None:
                    if len(text_of) > 200_000:
                        text_of.clear()
                    found = text_of[key] = write_number(raw.strip(), key[0], uses_1904)
                return found
            if kind == "e":
                return ERROR_MARK + unescape(raw)
            if kind == "b":
                return {"1": "true", "0": "false"}.get(raw.strip(), raw)
            return unescape(raw)

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = characters
        return parser


def write_number(raw: str, is_date: bool, uses_1904: bool) -> str:
    """A number as Excel shows it in full: fifteen digits, no exponent; a day as ISO 8601 where it can be one."""
    if is_date:
        serial = _as_float(raw)
        if serial is not None and FIRST_SERIAL <= serial <= LAST_SERIAL:
            return _write_day(serial, uses_1904) + DAY_MARK
    if raw.isascii() and raw.isdigit() and len(raw) <= EXACT_DIGITS:
        return raw
    value = _as_float(raw)
    if value is None:
        return raw
    # what a sum leaves in the sixteenth digit (99.300000000000011) is no fault of whoever sent it
    text = f"{Decimal(f'{value:.{EXACT_DIGITS}g}'):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    whole = text.lstrip("-").partition(".")[0]
    return text + ROUNDED_MARK if len(whole) > EXACT_DIGITS else text


def _as_float(raw: str) -> float | None:
    if not _NUMBER_SIGNS.issuperset(raw):
        return None
    try:
        value = float(raw)
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def _write_day(serial: float, uses_1904: bool) -> str:
    """To the second, as Excel shows an hour."""
    epoch = datetime(1904, 1, 1) if uses_1904 else datetime(1899, 12, 30)
    day = epoch + timedelta(seconds=round(serial * 86_400))
    return f"{day:%Y-%m-%d}" if not (day.hour or day.minute or day.second) else f"{day:%Y-%m-%d %H:%M:%S}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z" or number > LARGEST_COLUMN:
            raise BrokenWorkbook(f"cell {letters[:20]}")
        number = number * 26 + ord(letter) - 64
    if not number:
        raise BrokenWorkbook("a cell without column")
    return number


def _row_number(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and int(digits)):
        raise BrokenWorkbook(f"row {digits[:20]}")
    return int(digits)
