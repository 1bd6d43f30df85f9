"""The parts of an XLSX, by their relationships: sheets in order, shared strings, date formats, calendar.

Only Python's own library: this is read in a process of its own (sheet_process), where nothing heavy is imported. Every
part is parsed as XML, whatever its prefixes, its order of attributes, its edition (transitional or strict). Does not
live here: cells (sheet_cells).
"""

from __future__ import annotations

import io
import posixpath
import re
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.parsers import expat

READ_BYTES = 1024**2
SPREADSHEET = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_RELATIONS = ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
              "http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Numbers of the formats of dates and hours that need no description, East Asian ones included."""
# What shows of a format once quoted words, escaped signs, padding and [colours] are out: letters of a day or an hour,
# in French (jj/mm/aaaa), German (TT.MM.JJJJ) and Finnish (pp.kk.vvvv) too, where a program wrote them as typed.
_HIDDEN = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhsjatpkv]", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class BrokenWorkbook(Exception):
    """The file is no workbook that can be trusted: cut, damaged, or not what it says it is."""


class NotAWorkbook(Exception):
    """A package whose main part is no workbook: another document of an office suite."""


@dataclass(frozen=True)
class SheetPart:
    """One sheet: its name and the place of its part in the package (None: a chart, a dialogue)."""

    name: str
    part: str | None


def local_names(local: str) -> frozenset[str]:
    """The names that expat gives an element of SpreadsheetML, by edition, and without any namespace."""
    return frozenset({local, *(f"{space} {local}" for space in SPREADSHEET)})


class Package:
    """An open XLSX. Everything raises BrokenWorkbook when the file is damaged."""

    def __init__(self, data: bytes) -> None:
        self.archive = zipfile.ZipFile(io.BytesIO(data))
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self.archive.infolist():
            self._members.setdefault(_place(info.filename), info)
        self.workbook = self._find_workbook()
        self._read_workbook()

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        return list(self._members.values())

    def parse(self, part: str, parser: expat.XMLParserType) -> None:
        """Feed a whole part to a parser."""
        for _ in self.pieces(part, parser):
            pass

    def pieces(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed a part to a parser, and stop after each piece. What is no XML, or declares entities, is broken."""
        info = self._members.get(part.lower())
        if info is None:
            raise BrokenWorkbook(f"missing part {part}")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            with self.archive.open(info) as stream:
                while piece := stream.read(READ_BYTES):
                    parser.Parse(piece, False)
                    yield
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise BrokenWorkbook(str(error)) from error

    def has(self, part: str) -> bool:
        return part.lower() in self._members

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the type, part it leads to) of the relationships of a part; external ones left out."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.rsplit(" ", 1)[-1] == "Relationship" and attributes.get("TargetMode", "").lower() != "external":
                kind = attributes.get("Type", "").rsplit("/", 1)[-1]
                found[attributes.get("Id", "")] = (kind, _target(folder, attributes.get("Target", "")))

        place = posixpath.join(folder, "_rels", f"{name}.rels")
        if self.has(place):
            self.parse(place, _parser(start))
        return found

    @cached_property
    def shared_strings(self) -> list[str]:
        """The texts that cells of type `s` name by number; empty where the package has none."""
        part = self._part_of("sharedStrings")
        return _read_strings(self, part) if part else []

    @cached_property
    def date_styles(self) -> frozenset[str]:
        """The numbers of the cell styles that show a day or an hour, as cells write them."""
        part = self._part_of("styles")
        return _read_date_styles(self, part) if part else frozenset()

    def _part_of(self, kind: str) -> str | None:
        return next((part for found, part in self._related.values() if found == kind and self.has(part)), None)

    def _find_workbook(self) -> str:
        mains = [part for kind, part in self.relations("").values() if kind == "officeDocument"]
        found = next((part for part in mains if self.has(part)), None)
        if found is None and self.has("xl/workbook.xml"):
            found = "xl/workbook.xml"
        if found is None:
            raise BrokenWorkbook("no workbook part")
        return found

    def _read_workbook(self) -> None:
        self._related = self.relations(self.workbook)
        self.uses_1904 = False
        self.is_uncalculated = False
        self.sheets: list[SheetPart] = []
        roots: list[str] = []
        properties, sheet, calculation = (local_names(n) for n in ("workbookPr", "sheet", "calcPr"))

        def start(tag: str, attributes: dict[str, str]) -> None:
            if not roots:
                roots.append(tag)
            if tag in properties:
                self.uses_1904 = _is_true(attributes.get("date1904"))
            elif tag in calculation:
                self.is_uncalculated = _is_true(attributes.get("fullCalcOnLoad"))
            elif tag in sheet:
                self.sheets.append(self._sheet(attributes))

        self.parse(self.workbook, _parser(start))
        if not roots or roots[0] not in local_names("workbook"):
            raise NotAWorkbook(roots[0] if roots else "")
        if not any(found.part for found in self.sheets):
            raise BrokenWorkbook("no sheet")

    def _sheet(self, attributes: dict[str, str]) -> SheetPart:
        identity = next((attributes[f"{space} id"] for space in _RELATIONS if f"{space} id" in attributes), "")
        kind, part = self._related.get(identity, ("", ""))
        return SheetPart(attributes.get("name", ""), part if kind == "worksheet" and self.has(part) else None)


def unescape(text: str) -> str:
    """`_x000D_` and the like as the character; marks and other controls, which XML cannot write, as U+FFFD."""
    if "_x" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = int(match.group(1), 16)
        is_text = code in (9, 10, 13) or (code >= 32 and not 0xD800 <= code <= 0xDFFF)
        return chr(code) if is_text else "\ufffd"

    return _ESCAPED.sub(character, text)


def is_date_format(code: str) -> bool:
    """Whether a format shows a day or an hour, in the words of any language."""
    first = _HIDDEN.sub("", code).split(";")[0].strip()
    is_general = first.lower() in ("", "general", "standard", "@")
    return (
        not is_general and not first.lower().startswith(("general", "standard")) and bool(_DATE_LETTERS.search(first))
    )


def _place(name: str) -> str:
    """The name of a part, under which its relationships find it: `/` for `\\`, no case, no leading slash."""
    return name.replace("\\", "/").lstrip("/").lower()


def _target(folder: str, target: str) -> str:
    path = urllib.parse.unquote(target.replace("\\", "/"))
    whole = path if path.startswith("/") else posixpath.join(folder, path)
    return posixpath.normpath(whole).lstrip("/")


def _is_true(value: str | None) -> bool:
    return value is not None and value.strip().lower() in ("1", "true", "on")


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    return parser


def _refuse_doctype(*_: object) -> None:
    raise BrokenWorkbook("a workbook declares no document type")


def _read_strings(package: Package, part: str) -> list[str]:
    """Runs of rich text end to end; what only tells how to pronounce (`rPh`) left out."""
    texts: list[str] = []
    pieces: list[str] = []
    items, text_tags, phonetic = local_names("si"), local_names("t"), local_names("rPh")
    state = {"text": False, "aside": False}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag in text_tags:
            state["text"] = not state["aside"]
        elif tag in items:
            pieces.clear()
        elif tag in phonetic:
            state["aside"] = True

    def end(tag: str) -> None:
        if tag in text_tags:
            state["text"] = False
        elif tag in items:
            texts.append(unescape("".join(pieces)))
        elif tag in phonetic:
            state["aside"] = False

    def characters(text: str) -> None:
        if state["text"]:
            pieces.append(text)

    parser = _parser(start)
    parser.buffer_text = True
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    package.parse(part, parser)
    return texts


def _read_date_styles(package: Package, part: str) -> frozenset[str]:
    formats: dict[str, str] = {}
    styles: list[str] = []
    inside: list[bool] = []
    number_format, cell_formats, one = (local_names(n) for n in ("numFmt", "cellXfs", "xf"))

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in number_format:
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif tag in cell_formats:
            inside.append(True)
        elif tag in one and inside:
            styles.append(attributes.get("numFmtId", "0"))

    def end(tag: str) -> None:
        if tag in cell_formats:
            inside.clear()

    parser = _parser(start)
    parser.EndElementHandler = end
    package.parse(part, parser)
    builtin = {str(number) for number in _DATE_FORMATS}
    return frozenset(
        str(place)
        for place, number in enumerate(styles)
        if (is_date_format(formats[number]) if number in formats else number in builtin)
    )
