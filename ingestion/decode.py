"""Bytes to text: recognises the encoding and gives UTF-8 with line feeds only.

Does not live here: archives (unpack), sheets (sheet), fields (quoting).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from ingestion.refusal import Refusal, unreadable

SLICE_BYTES = 16 * 1024 * 1024
SAMPLE_BYTES = 32 * 1024
# € œ Œ Ÿ Š š ž of ISO-8859-15 (¤ ½ ¼ ¾ ¦ ¨ ¸ in Windows-1252), as letters of a word: « ½ journée » and « 1½h » are
# fractions. Never Ž: Windows-1252 has ´ there, which is typed for an apostrophe (« l´accès »).
_ISO_15_BYTES = re.compile(
    rb"\xa4|[a-zA-Z\xc0-\xff][\xa6\xa8\xb8\xbc\xbd\xbe]|(?<![0-9])[\xa6\xa8\xb8\xbc\xbd\xbe][a-zA-Z\xc0-\xff]{2}"
)
_CP1252_BYTES = re.compile(rb"[\x80-\x9f]")
_CP1252_HOLES = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+|\xc2[\x80-\xbf]")
_ISO_15_SIGNS = frozenset(b"\xa4\xa6\xa8\xb8\xbc\xbd\xbe")
_ASCII_TO_BLANK = bytes(0x20 if byte < 0x80 else byte for byte in range(256))
_AROUND_ACCENT = re.compile(rb"[^\r\n]{0,200}[\x80-\xff][^\r\n]{0,200}")
_LINE_END = re.compile(rb"[\r\n]")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_FRENCH = set("éèêëàâäùûüôöîïçœæÿñÉÈÊËÀÂÄÙÛÜÔÖÎÏÇŒÆŸ€«»’‘“”–—…°²³·§£µ×±½¼ºª\u00a0\u00ad•™®©áíóúãõåøßÁÍÓÚ‰Šš¿¡")


@dataclass(frozen=True)
class Text:
    """A text as UTF-8 bytes, every line end a line feed."""

    data: bytes
    encoding: str

    @property
    def ends_with_newline(self) -> bool:
        return self.data.endswith(b"\n")


def decode(data: bytes) -> Text:
    """UTF-8 (with or without BOM), UTF-16, Windows-1252 or ISO-8859-15 (exports §2) → Text.

    Raises Refusal: `empty_file` for no byte or blanks only, `unreadable` for bytes of no known encoding.
    """
    encoding, body = _recognise(data)
    if encoding in ("utf-8", "utf-8-sig"):
        text = bytes(body)
    else:
        try:
            text = body.decode(encoding).removeprefix("\ufeff").encode()
        except (UnicodeDecodeError, UnicodeEncodeError) as error:
            raise _unknown_encoding(f"décodage {encoding} impossible à l’octet {error.start + 1}") from error
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not text[:SAMPLE_BYTES].strip() and not text.strip():
        raise empty_file()
    return Text(text, encoding)


def empty_file() -> Refusal:
    """The refusal of a file that holds nothing but blanks."""
    return Refusal(
        "empty_file",
        "Le fichier est vide : il ne contient aucun caractère.",
        "Refaites l’export et déposez le nouveau fichier.",
    )


def _recognise(data: bytes) -> tuple[str, bytes]:
    for bom, name in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(bom):
            if name == "utf-8-sig":
                _require_utf8(data)
            return name, data[len(bom) :]
    guessed = _recognise_bare_utf16(data)
    if guessed:
        return guessed, data
    if _first_utf8_error(data) is None:
        _require_text(data)
        return "utf-8", data
    return _recognise_single_byte(data), data


def _recognise_bare_utf16(data: bytes) -> str | None:
    sample = data[:SAMPLE_BYTES]
    if len(data) % 2 or len(sample) < 4 or sample.count(0) < len(sample) // 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > 4 * odd else None


def _first_utf8_error(data: bytes) -> int | None:
    """Offset of the first byte that is not UTF-8, None when all are. By slices: no second copy in memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    for start in range(0, len(data), SLICE_BYTES):
        pending = len(decoder.getstate()[0])
        piece = view[start : start + SLICE_BYTES]
        try:
            decoder.decode(piece, final=start + SLICE_BYTES >= len(data))
        except UnicodeDecodeError as error:
            return start - pending + error.start
    return None


def _require_utf8(data: bytes) -> None:
    position = _first_utf8_error(data)
    if position is not None:
        raise _unknown_encoding(_at_line(data, position))
    _require_text(data)


def _require_text(data: bytes) -> None:
    sample = data[:SAMPLE_BYTES]
    controls = len(_CONTROLS.findall(sample))
    if controls > max(4, len(sample) // 20):
        raise _unknown_encoding("trop de caractères de contrôle")


def _recognise_single_byte(data: bytes) -> str:
    _require_text(data)
    position = _first_utf8_error(data) or 0
    beyond = _beyond_ascii(data)
    sequences = len(_UTF8_SEQUENCE.findall(beyond))
    others = len(_NOT_ASCII.findall(_UTF8_SEQUENCE.sub(b"", beyond)))
    if sequences > others:
        # Accents are UTF-8 and some bytes are not: read as Windows-1252, every accent would be wrong.
        raise _unknown_encoding(_at_line(data, position))
    encoding = _choose_single_byte(data, beyond)
    _require_plausible_french(data, encoding, position)
    return encoding


def _beyond_ascii(data: bytes) -> bytes:
    """The runs of bytes that are no ASCII, a blank between two: a small part of a French text."""
    return b" ".join(data.translate(_ASCII_TO_BLANK).split())


def _choose_single_byte(data: bytes, beyond: bytes) -> str:
    if _CP1252_BYTES.search(beyond):
        # 0x80–0x9F are letters in Windows-1252 only; its five holes are in no text.
        hole = _CP1252_HOLES.search(data) if _CP1252_HOLES.search(beyond) else None
        if hole:
            raise _unknown_encoding(_at_line(data, hole.start()))
        return "cp1252"
    has_sign = not _ISO_15_SIGNS.isdisjoint(beyond)
    return "iso8859_15" if has_sign and _ISO_15_BYTES.search(data) else "cp1252"


def _require_plausible_french(data: bytes, encoding: str, position: int) -> None:
    """Refuse what reads as French in no encoding of exports §2 (a Mac or DOS code page, a picture)."""
    sample = b"\n".join(m.group() for m in _lines_with_accents(data))
    accents = [c for c in sample.decode(encoding, errors="replace") if ord(c) > 127]
    strange = sum(c not in _FRENCH for c in accents)
    if strange * 2 <= len(accents):
        return
    best = from_bytes(sample, cp_isolation=["cp1252", "iso8859_15", "mac_roman", "cp850"]).best()
    if best is None or best.encoding not in ("cp1252", "iso8859_15"):
        raise _unknown_encoding(_at_line(data, position))


def _lines_with_accents(data: bytes) -> list[re.Match[bytes]]:
    """The first 200 accents and what stands around them in their line; lines without any are passed over."""
    found: list[re.Match[bytes]] = []
    accent = _NOT_ASCII.search(data)
    while accent and len(found) < 200:
        start = max(data.rfind(b"\n", 0, accent.start()), data.rfind(b"\r", 0, accent.start())) + 1
        end = _LINE_END.search(data, accent.end())
        stop = end.start() if end else len(data)
        found += _AROUND_ACCENT.finditer(data, start, stop)
        accent = _NOT_ASCII.search(data, stop)
    return found[:200]


def _at_line(data: bytes, position: int) -> str:
    head = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return f"premier octet fautif à la ligne {head.count(bytes([10])) + 1}"


def _unknown_encoding(detail: str) -> Refusal:
    return unreadable(
        f"Les caractères du fichier ne sont dans aucun encodage reconnu ({detail}).",
        "Enregistrez le fichier en « CSV UTF-8 » (Excel : Fichier, Enregistrer sous), puis redéposez-le.",
    )
