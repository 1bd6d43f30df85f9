"""An original of the archive written anew without the cells that name a person; or erased where it cannot be.

In a text only cells of the person's lines are emptied, the personal ones and those of columns that nothing of ours asks
for (a name, a mail, a remark: none was ever loaded): every other byte, line ends and encoding included, stays. A
workbook, and what is not read back as it was but for them, is erased whole: a note of the house takes its place, so
that a copy delivered again is known, and not kept again. Does not live here: finding the lines (person).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestion import limits
from ingestion.person import Named
from ingestion.reader import Table
from ingestion.unpack import SIDECAR_SUFFIX
from storage.atomic import write_atomically

REWRITTEN, ERASED = "rewritten", "erased"
NOTE = (
    "Fichier d’origine effacé à la demande d’une personne dont il portait l’identifiant (RGPD, art. 17). Ses lignes "
    "restent dans le lac, sous pseudonyme. Son empreinte SHA-256 commence par celle du nom de ce fichier.\n"
)
_END = re.compile(r"\r\n|\n|\r")
_UTF8 = {"utf-8-sig": "utf-8"}
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


@dataclass(frozen=True)
class Planned:
    """What an original is to become: its new bytes, and whether they are it (`rewritten`) or a note (`erased`)."""

    path: Path
    content: bytes
    fate: str
    sha256: tuple[str, ...]
    lines: int

    def write(self) -> None:
        """Put it in place, whole or not at all; the sum delivered beside it is of another file now. Raises OSError."""
        write_atomically(self.path, self.content, mode=0o600)
        self.path.with_name(self.path.name + SIDECAR_SUFFIX).unlink(missing_ok=True)


def plan(path: Path, found: Sequence[Named], is_clean: Callable[[Path, bytes], bool]) -> Planned:
    """What the original at `path` becomes without its lines `found`; nothing is written yet.

    `is_clean`: whether such bytes, read again as that file, hold as many records and name the person no more.
    """
    size = max([_opened(path), *(named.table.size for named in found if named.table is not None)])
    anew = _without(path.read_bytes(), found) if size <= limits.MAX_REWRITTEN_BYTES else None
    is_kept = anew is not None and is_clean(path, anew)
    digests = tuple(named.member.sha256 for named in found)
    content = anew if is_kept and anew is not None else NOTE.encode()
    return Planned(path, content, REWRITTEN if is_kept else ERASED, digests, sum(len(named.lines) for named in found))


def _opened(path: Path) -> int:
    """What an original weighs where it is written anew: of an archive, all its members, those that name nobody too."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return max(path.stat().st_size, sum(info.file_size for info in archive.infolist()))


def _without(data: bytes, found: Sequence[Named]) -> bytes | None:
    """The bytes of the whole original without the lines of its members; None where it cannot be written."""
    if not all(named.is_read for named in found):
        return None
    if not data.startswith(_ZIP):
        return _member_without(data, found[0])
    if found[0].member.kind == "xlsx" and len(found) == 1 and "/" not in found[0].member.name:
        return None
    return _zip_without(data, {named.member.sha256: named for named in found})


def _zip_without(data: bytes, found: dict[str, Named]) -> bytes | None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as anew:
        for info in archive.infolist():
            content = archive.read(info)
            named = found.get(hashlib.sha256(content).hexdigest())
            if named is not None:
                changed = _member_without(content, named)
                if changed is None:
                    return None
                content = changed
            elif info.filename.lower().endswith(SIDECAR_SUFFIX):
                continue  # of a member that may not be the same any more
            anew.writestr(info, content)
    return out.getvalue()


def _member_without(content: bytes, named: Named) -> bytes | None:
    table = named.table
    if table is None or table.is_sheet:
        return None
    raw = gzip.decompress(content) if content.startswith(_GZIP) else content
    encoding = _UTF8.get(table.encoding, table.encoding)
    try:
        text = raw.decode(encoding, errors="surrogateescape")
        if text.encode(encoding, errors="surrogateescape") != raw:
            return None
        told = empty_cells(text, table, named.lines).encode(encoding, errors="surrogateescape")
    except (UnicodeError, LookupError):
        return None
    return gzip.compress(told, mtime=0) if content.startswith(_GZIP) else told


def empty_cells(text: str, table: Table, lines: Sequence[int]) -> str:
    """A text whose personal cells are emptied in the records that begin at those lines (1: the very first).

    So is every cell outside the contract: it may hold a name, and nothing was loaded from it. A record of a
    wrong number of fields is emptied whole but for its separators: its cells stand under no column.
    """
    separator = table.match.candidate.separator or ";"
    personal = {f.name for f in table.contract.fields if f.personal}
    loaded = {place for name, place in table.match.columns.items() if name not in personal}
    starts = [0, *(match.end() for match in _END.finditer(text))]
    pieces, done = [], 0
    for line in sorted(lines):
        start = starts[line - 1]
        fields, end = split_record(text, start, separator)
        if len(fields) == table.width:
            kept = [field if place in loaded else "" for place, field in enumerate(fields)]
        else:
            kept = [""] * len(fields)
        pieces += [text[done:start], separator.join(kept)]
        done = end
    return "".join([*pieces, text[done:]])


def split_record(text: str, start: int, separator: str) -> tuple[list[str], int]:
    """The fields of the record at `start`, as written (quotes included), and where its line end is."""
    fields, place = [], start
    while True:
        begin = place
        while text[place : place + 1] == " ":
            place += 1
        if text[place : place + 1] == '"':
            place = _closing(text, place)
        while place < len(text) and text[place] not in (separator, "\n", "\r"):
            place += 1
        fields.append(text[begin:place])
        if place >= len(text) or text[place] != separator:
            return fields, place
        place += 1


def _closing(text: str, place: int) -> int:
    """Just after the quote that closes the one at `place`; a doubled quote is one of the text."""
    at = place + 1
    while at < len(text):
        if text[at] == '"':
            if text[at + 1 : at + 2] != '"':
                return at + 1
            at += 1
        at += 1
    return place
