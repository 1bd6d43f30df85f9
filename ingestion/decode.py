"""Bytes to text: recognises the encoding and gives UTF-8 with line feeds only.

Does not live here: archives (unpack), sheets (sheet), fields (quoting).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestion.codepages import CODE_PAGES, prove
from ingestion.content import SLICE_BYTES, Content, bare_length, on_disk, part, slices, spool
from ingestion.refusal import Refusal, unreadable

SAMPLE_BYTES = 32 * 1024
# € œ Œ Ÿ Š š ž of ISO-8859-15 (¤ ½ ¼ ¾ ¦ ¨ ¸ in Windows-1252), as letters of a word: « ½ journée » and « 1½h » are
# fractions. Never Ž: Windows-1252 has ´ there, which is typed for an apostrophe (« l´accès »).
_ISO_15_BYTES = re.compile(
    rb"\xa4|[a-zA-Z\xc0-\xff][\xa6\xa8\xb8\xbc\xbd\xbe]|(?<![0-9])[\xa6\xa8\xb8\xbc\xbd\xbe][a-zA-Z\xc0-\xff]{2}"
)
_CP1252_BYTES = re.compile(rb"[\x80-\x9f]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+|\xc2[\x80-\xbf]")
_UTF8_ACCENT = re.compile(rb"[\xc2\xc3][\x80-\xbf]")
_ISO_15_SIGNS = frozenset(b"\xa4\xa6\xa8\xb8\xbc\xbd\xbe")
_ASCII_TO_BLANK = bytes(0x20 if byte < 0x80 else byte for byte in range(256))
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# Lead bytes of IPA, Cyrillic, Armenian, Hebrew and Arabic: É of Windows, – — “ ” ‘ ’ of a Mac.
_CHANCE_LEADS = tuple(bytes([lead]) for lead in (0xC9, *range(0xD0, 0xDA)))
_CHANCE = re.compile(rb"[A-Za-z][\xc9\xd0-\xd9][\x80-\xbf]|[\xc9\xd0-\xd9][\x80-\xbf][A-Za-z]")

_END = b"\x00\x1a"
_MARK = "\ufeff"


@dataclass(frozen=True)
class Text:
    """A text as UTF-8 bytes, every line end a line feed."""

    data: Content
    encoding: str

    @property
    def ends_with_newline(self) -> bool:
        return self.data[-1:] == b"\n"


def decode(data: Content, folder: Path | None = None) -> Text:
    """UTF-8 (with or without BOM), UTF-16, and where its words prove it Windows-1252, ISO-8859-15, DOS or Mac → Text.

    A final 0x1A or NULs are an end of file (exports §2). A text that is not held is written anew in `folder` where it
    is not UTF-8 with line feeds already. Raises Refusal: `empty_file` for no byte or blanks only, `unreadable` for
    bytes of no known encoding.
    """
    encoding, body = _recognise(_until_end(data))
    text = _as_utf8(body, encoding, folder)
    if not text[:SAMPLE_BYTES].strip() and not any(piece.strip() for piece in slices(text)):
        raise empty_file()
    return Text(text, encoding)


def _as_utf8(data: Content, encoding: str, folder: Path | None) -> Content:
    """The text in UTF-8, every line end a line feed, without what ends a file."""
    is_utf8 = encoding in ("utf-8", "utf-8-sig")
    if isinstance(data, bytes):
        text = data if is_utf8 else _transcode(data, encoding)
        text = text[: _end_of(text)]
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    if is_utf8 and data.find(b"\r") < 0:
        return data.part(0, _end_of(data))
    with spool(folder) as out:
        out.writelines(_pieces(data, encoding))
        written = on_disk(out)
        return part(written, 0, _end_of(written))


def _pieces(data: Content, encoding: str) -> Iterator[bytes]:
    """A text that is not held, in UTF-8 and with line feeds, piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8" if encoding == "utf-8-sig" else encoding)()
    newlines = io.IncrementalNewlineDecoder(decoder, translate=True)
    for at in range(0, len(data), SLICE_BYTES):
        pending = len(decoder.getstate()[0])
        try:
            text = newlines.decode(data[at : at + SLICE_BYTES], final=at + SLICE_BYTES >= len(data))
            yield (text if at or encoding.startswith("utf-8") else text.removeprefix(_MARK)).encode()
        except (UnicodeDecodeError, UnicodeEncodeError) as error:
            raise _undecodable(encoding, at - pending + error.start) from error


def _transcode(body: bytes, encoding: str) -> bytes:
    try:
        return body.decode(encoding).removeprefix(_MARK).encode()
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise _undecodable(encoding, error.start) from error


def _undecodable(encoding: str, position: int) -> Refusal:
    return _unknown_encoding(f"décodage {encoding} impossible à l’octet {position + 1}")


def _until_end(data: Content) -> Content:
    """The bytes before a final 0x1A or NULs, which DOS and some transfers write as an end of file."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or _recognise_bare_utf16(data):
        return data  # every other byte is a NUL: cut once it is a text
    bare = bare_length(data, _END)
    if bare < len(data):
        # the NUL that its last character needs was taken off with them
        held = isinstance(data, bytes)
        even = data[:bare] + b"\x00" * (bare % 2) if held else part(data, 0, bare + bare % 2)
        if _recognise_bare_utf16(even):
            return even
    return part(data, 0, _end_of(data))


def _end_of(data: Content) -> int:
    """Where a text ends: before the first NUL or 0x1A behind its last character."""
    bare = bare_length(data, _END + b" \t\r\n")
    found = min((at for at in (data.find(byte, bare) for byte in (b"\x00", b"\x1a")) if at >= 0), default=None)
    # NULs alone are no text, and no empty one either
    return len(data) if found is None or (not bare and data.find(b"\x00") >= 0) else found


def empty_file() -> Refusal:
    """The refusal of a file that holds nothing but blanks."""
    return Refusal(
        "empty_file",
        "Le fichier est vide : il ne contient aucun caractère.",
        "Refaites l’export et déposez le nouveau fichier.",
    )


def _recognise(data: Content) -> tuple[str, Content]:
    for bom, name in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data[: len(bom)] == bom:
            if name == "utf-8-sig":
                _require_utf8(data)
            return name, part(data, len(bom), len(data))
    guessed = _recognise_bare_utf16(data)
    if guessed:
        return guessed, data
    if _first_utf8_error(data) is not None:
        return _recognise_single_byte(data), data
    _require_text(data)
    return (_prove(data, _beyond_ascii(data), 0) if _is_utf8_by_chance(data) else "utf-8"), data


def _is_utf8_by_chance(data: Content) -> bool:
    """Bytes that make UTF-8 without being it: « l’école » of a Mac, « MARCHÉ : » of Windows.

    They would be letters of no Latin alphabet, beside letters that are; and nearly all the accents of the text.
    """
    if all(data.find(byte) < 0 for byte in _CHANCE_LEADS):
        return False
    found = sum(len(_CHANCE.findall(piece)) for piece in slices(data))
    return found > 0 and 2 * found > _beyond_ascii(data).sequences


def _recognise_bare_utf16(data: Content) -> str | None:
    sample = data[:SAMPLE_BYTES]
    if len(data) % 2 or len(sample) < 4 or sample.count(0) < len(sample) // 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _first_utf8_error(data: Content) -> int | None:
    """Offset of the first byte that is not UTF-8, None when all are. By slices: no second copy in memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data) if isinstance(data, bytes) else data
    for start in range(0, len(data), SLICE_BYTES):
        pending = len(decoder.getstate()[0])
        piece = view[start : start + SLICE_BYTES]
        try:
            decoder.decode(piece, final=start + SLICE_BYTES >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _require_utf8(data: Content) -> None:
    position = _first_utf8_error(data)
    if position is not None:
        raise _unknown_encoding(_at_line(data, position))
    _require_text(data)


def _require_text(data: Content) -> None:
    sample = data[:SAMPLE_BYTES]
    controls = len(_CONTROLS.findall(sample))
    if controls > max(4, len(sample) // 20):
        raise _unknown_encoding("trop de caractères de contrôle")


@dataclass(frozen=True)
class Beyond:
    """What the bytes of a text that are no ASCII are: runs of UTF-8 (`sequences`), other bytes; whether some are of
    Windows alone, and whether a sign that ISO-8859-15 alone has is among them."""

    sequences: int
    others: int
    is_cp1252: bool
    has_iso_15: bool


def _recognise_single_byte(data: Content) -> str:
    _require_text(data)
    position = _first_utf8_error(data) or 0
    beyond = _beyond_ascii(data)
    if beyond.sequences > beyond.others:
        # Accents are UTF-8 and some bytes are not: read as Windows-1252, every accent would be wrong.
        raise _unknown_encoding(_at_line(data, position))
    return _prove(data, beyond, position)


def _prove(data: Content, beyond: Beyond, position: int) -> str:
    """The code page that the words prove. Raises Refusal `unreadable` without proof (exports §2)."""
    western = _choose_western(data, beyond)
    found = prove(data, (western, *(page for page in CODE_PAGES if page != "cp1252")))
    if found is None:
        raise _unknown_encoding(_at_line(data, position))
    return found


def _beyond_ascii(data: Content) -> Beyond:
    """Counted a slice at a time: of a French text the runs that are no ASCII are many once it is large."""
    sequences, others, is_cp1252, has_iso_15 = 0, 0, False, False
    for piece in slices(data):
        runs = _runs_beyond_ascii(piece)
        sequences += len(_UTF8_SEQUENCE.findall(runs))
        others += len(_NOT_ASCII.findall(_UTF8_SEQUENCE.sub(b"", runs)))
        # 0x80–0x9F are letters in Windows-1252 only
        is_cp1252 = is_cp1252 or bool(_CP1252_BYTES.search(_UTF8_ACCENT.sub(b"", runs)))
        has_iso_15 = has_iso_15 or not _ISO_15_SIGNS.isdisjoint(runs)
    return Beyond(sequences, others, is_cp1252, has_iso_15)


def _runs_beyond_ascii(piece: bytes) -> bytes:
    """The runs of bytes that are no ASCII, a blank between two."""
    return b" ".join(piece.translate(_ASCII_TO_BLANK).split())


def _choose_western(data: Content, beyond: Beyond) -> str:
    """Windows-1252, or ISO-8859-15 where a sign that only it has stands as a letter or as the euro."""
    if beyond.is_cp1252 or not beyond.has_iso_15:
        return "cp1252"
    # the second byte of an accent of UTF-8, damaged before it came, is no letter
    is_iso = any(_ISO_15_BYTES.search(_UTF8_ACCENT.sub(b"", piece)) for piece in slices(data))
    return "iso8859_15" if is_iso else "cp1252"


def _at_line(data: Content, position: int) -> str:
    """Line ends of any kind are counted: a carriage return is one unless a line feed follows it."""
    before = part(data, 0, position)
    ends = sum(piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n") for piece in slices(before))
    return f"premier octet fautif à la ligne {ends + 1}"


def _unknown_encoding(detail: str) -> Refusal:
    return unreadable(
        f"Les caractères du fichier ne sont dans aucun encodage reconnu ({detail}) : aucun mot ne prouve comment lire "
        "ses accents.",
        "Depuis l’outil d’origine, enregistrez le fichier en « CSV UTF-8 » (Excel : Fichier, Enregistrer sous), puis "
        "redéposez-le.",
    )
