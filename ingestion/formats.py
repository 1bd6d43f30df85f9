"""Files of other formats under a known name: each is told for what it is, with the way out (exports §2).

By their first bytes, or the names inside, whatever the file is called. Does not live here: opening what is read
(unpack, sheet, decode).
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from ingestion.content import Content
from ingestion.refusal import Refusal, unreadable

HEAD_BYTES = 8 * 1024
CONTENT_TYPES = "[Content_Types].xml"
"""The part that every document of Office in a ZIP has."""
_TO_WORKBOOK = (
    "Ouvrez-le dans Excel ou LibreOffice, puis enregistrez-le (Fichier, Enregistrer sous) en « Classeur Excel "
    "(.xlsx) » ou en « CSV UTF-8 »."
)
_TO_EXPORT = "Redemandez l’export en CSV UTF-8 ou en XLSX à qui l’a produit."
_TO_FILES = "Décompressez-la, puis déposez les fichiers CSV ou XLSX eux-mêmes, ou une archive ZIP de ces fichiers."
_TO_CLEAR = "Ouvrez-le avec son mot de passe, enregistrez-le en XLSX sans mot de passe, puis redéposez-le."
_NOT_AN_EXPORT = "Ce n’est pas un export : déposez le tableau lui-même, en CSV UTF-8 ou en XLSX."


@dataclass(frozen=True)
class Format:
    """Another format: what it is and how to mend it (French)."""

    what: str
    remedy: str

    def refuse(self) -> Refusal:
        """The refusal that names it."""
        return unreadable(f"Ce fichier est {self.what}, et non un tableau CSV ou XLSX.", self.remedy)


_COMPRESSED_TAR = Format("une archive tar compressée (.tar.gz, .tgz)", _TO_FILES)
_TWICE = Format("un fichier compressé deux fois (gzip dans gzip)", "Compressez-le une seule fois, ou pas du tout.")
_TAR = Format("une archive tar", _TO_FILES)
_OLD_EXCEL = Format("un classeur Excel ancien (.xls)", _TO_WORKBOOK)
_LOCKED = Format("un document Office protégé par un mot de passe", _TO_CLEAR)
_XLSB = Format("un classeur Excel binaire (.xlsb)", _TO_WORKBOOK)
_ODS = Format("un classeur OpenDocument (.ods)", _TO_WORKBOOK)
_NUMBERS = Format("un classeur Numbers", _TO_WORKBOOK)
_HTML = Format("une page web (HTML)", _TO_WORKBOOK)
_XML_2003 = Format("une « Feuille de calcul XML 2003 »", _TO_WORKBOOK)
_FLAT_ODS = Format("un classeur OpenDocument à plat (.fods)", _TO_WORKBOOK)
_XML = Format("un fichier XML", _TO_EXPORT)
_HTML_TAG = re.compile(r"<(?:!doctype\s+html|html|head|body|table|thead|tr|td|div|meta|style|script)[\s>/]")
_XML_BEGINS = re.compile(r"<\?xml[\s?]|<!--|<[a-z][\w.:-]*(?:\s[^<>]*)?/?>\s*<[a-z/!?]")
_JSON = Format("un fichier JSON", _TO_EXPORT)
_SYLK = Format("un classeur SYLK (.slk)", _TO_WORKBOOK)

_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"7z\xbc\xaf\x27\x1c", Format("une archive 7z", _TO_FILES)),
    (b"Rar!\x1a\x07", Format("une archive RAR", _TO_FILES)),
    (b"\xfd7zXZ\x00", Format("un fichier compressé par xz (.xz)", _TO_FILES)),
    (b"\x28\xb5\x2f\xfd", Format("un fichier compressé par Zstandard (.zst)", _TO_FILES)),
    (b"\x04\x22\x4d\x18", Format("un fichier compressé par LZ4 (.lz4)", _TO_FILES)),
    (b"LZIP\x01", Format("un fichier compressé par lzip (.lz)", _TO_FILES)),
    (b"\x5d\x00\x00", Format("un fichier compressé par LZMA (.lzma)", _TO_FILES)),
    (b"\x1f\x9d", Format("un fichier compressé par compress (.Z)", _TO_FILES)),
    (b"\x1f\xa0", Format("un fichier compressé par compress (.Z)", _TO_FILES)),
    (b"MSCF\x00", Format("une archive CAB", _TO_FILES)),
    (b"\x89PNG", Format("une image PNG", _NOT_AN_EXPORT)),
    (b"\xff\xd8\xff", Format("une image JPEG", _NOT_AN_EXPORT)),
    (b"GIF89a", Format("une image GIF", _NOT_AN_EXPORT)),
    (b"II*\x00", Format("une image TIFF", _NOT_AN_EXPORT)),
    (b"MM\x00*", Format("une image TIFF", _NOT_AN_EXPORT)),
    (b"%!PS", Format("un document PostScript", _NOT_AN_EXPORT)),
    (b"{\\rtf", Format("un document RTF", _NOT_AN_EXPORT)),
    (b"PAR1\x15", Format("un fichier Parquet", _TO_EXPORT)),
    (b"ARROW1\x00", Format("un fichier Arrow", _TO_EXPORT)),
    (b"FEA1\x00", Format("un fichier Feather", _TO_EXPORT)),
    (b"Obj\x01", Format("un fichier Avro", _TO_EXPORT)),
    (b"SQLite format 3\x00", Format("une base SQLite", _TO_EXPORT)),
    (b"\x00\x01\x00\x00Standard ", Format("une base Access", _TO_EXPORT)),
    (b"PGDMP", Format("une sauvegarde PostgreSQL", _TO_EXPORT)),
    (b"$FL2@(#)", Format("un fichier SPSS", _TO_EXPORT)),
    (b"<stata_dta>", Format("un fichier Stata", _TO_EXPORT)),
    (b"RDX3\n", Format("un fichier R", _TO_EXPORT)),
    (b"\x89HDF", Format("un fichier HDF5", _TO_EXPORT)),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Format("un raccourci de Windows", _NOT_AN_EXPORT)),
    (b"\x00\x00\x1a\x00", Format("un classeur Lotus 1-2-3", _TO_WORKBOOK)),
    (b"\x09\x00\x04\x00", _OLD_EXCEL),
    (b"\x09\x02\x06\x00", _OLD_EXCEL),
    (b"\x09\x04\x06\x00", _OLD_EXCEL),
    (b"\x09\x08\x08\x00", _OLD_EXCEL),
    (b"\x09\x08\x10\x00", _OLD_EXCEL),
)
_BZIP2 = Format("un fichier compressé par bzip2 (.bz2)", _TO_FILES)
_BZIP2_BEGINS = re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)")
_PDF = Format("un document PDF", _TO_EXPORT)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_COMPOUND_PARTS: tuple[tuple[str, Format], ...] = (
    ("EncryptedPackage", _LOCKED),
    ("WordDocument", Format("un document Word ancien (.doc)", _NOT_AN_EXPORT)),
    ("PowerPoint Document", Format("une présentation PowerPoint ancienne (.ppt)", _NOT_AN_EXPORT)),
    ("__properties_version1.0", Format("un message Outlook (.msg)", "Déposez la pièce jointe, non le message.")),
    ("Workbook", _OLD_EXCEL),
    ("Book", _OLD_EXCEL),
)
_OPEN_DOCUMENT = Format("un document OpenDocument", _TO_WORKBOOK)
_TEXTS: tuple[tuple[re.Pattern[str], Format], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), found)
    for pattern, found in (
        (r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,30}?mime-version:", Format(
            "une page web archivée (MHT) ou un message", _TO_WORKBOOK)),
        (r"ID;P[^;\n]*(?:;[A-Z])*\n(?:(?:P|F|B|C|O|W|NN|NU|NE|ID|E)(?:;[^\n]*)?\n)*?[BC];[XY]\d", _SYLK),
        (r"TABLE\s*\n0,1\s*\n", Format("un classeur DIF", _TO_WORKBOOK)),
        (r'\{\s*(?:"[^"]*"\s*:|\}\s*$)', _JSON),
        (r'\[\s*(?:-?\d+\s*,|\{\s*["}]|\[\s*["\d\[\]{]|"[^"]*"\s*,\s*"[^"]*"\s*[,\]]|\]\s*$)', _JSON),
        (r"version https://git-lfs", Format("un pointeur Git LFS", "Récupérez le fichier lui-même.")),
        (r"\[InternetShortcut\]", Format("un raccourci Internet", _NOT_AN_EXPORT)),
        (r"-----BEGIN PGP|age-encryption\.org/", Format("un fichier chiffré", "Déchiffrez-le, puis redéposez-le.")),
        (r"BEGIN:V(?:CARD|CALENDAR)", Format("un carnet d’adresses ou un agenda", _NOT_AN_EXPORT)),
        (r"(?:--[^\n]*\n|/\*.*?\*/;?|\s|SET [^\n]*\n|BEGIN[^\n]*\n|PRAGMA [^\n]*\n)*"
         r"(?:INSERT INTO|CREATE TABLE|DROP TABLE)\s", Format("une suite de commandes SQL", _TO_EXPORT)),
    )
)  # fmt: skip


def name_format(data: Content) -> Format | None:
    """The format of a file that is neither a text table, nor a gzip, nor a ZIP; None where it may be a table."""
    head = data[:HEAD_BYTES]
    found = next((found for signature, found in _SIGNATURES if head.startswith(signature)), None)
    if found is not None:
        return found
    if head.startswith(_COMPOUND):
        return _name_compound(data)
    if b"%PDF-" in head[:1024]:
        return _PDF
    if _BZIP2_BEGINS.match(head):
        return _BZIP2
    return _TAR if _is_tar(data) else _name_text(head)


def name_inside_gzip(content: Content) -> Format | None:
    """The format of what a gzip holds, where that is no table."""
    if content[:2] == b"\x1f\x8b":
        return _TWICE
    return _COMPRESSED_TAR if _is_tar(content) else name_format(content)


def name_zip(archive: zipfile.ZipFile, names: set[str]) -> Format | None:
    """The format of a ZIP that is no archive of files nor a workbook. `names`: of its members, `/` for `\\`."""
    if "xl/workbook.bin" in names:
        return _XLSB
    if names & {"Index/Document.iwa", "Index.zip"}:
        return _NUMBERS
    if "mimetype" in names:
        kind = archive.read("mimetype")[:200].decode("latin-1")
        return _ODS if "opendocument.spreadsheet" in kind else _OPEN_DOCUMENT
    is_package = CONTENT_TYPES in names
    return next((f for prefix, f in _PACKAGES if is_package and any(n.startswith(prefix) for n in names)), None)


_PACKAGES = (
    ("word/", Format("un document bureautique Word (.docx)", _NOT_AN_EXPORT)),
    ("ppt/", Format("une présentation bureautique PowerPoint (.pptx)", _NOT_AN_EXPORT)),
    ("visio/", Format("un dessin Visio (.vsdx)", _NOT_AN_EXPORT)),
)


def _name_compound(data: Content) -> Format:
    """The old container of Office, by the names in its directory (UTF-16)."""
    for name, found in _COMPOUND_PARTS:
        if data.find(name.encode("utf-16-le")) >= 0:
            return found
    return _OLD_EXCEL


def _is_tar(data: Content) -> bool:
    """By its mark, else by the sum that the header of an old tar holds of itself."""
    if data[257:262] == b"ustar":
        return True
    header = data[:512]
    if len(header) < 512 or not header[0]:
        return False
    told = header[148:156].strip(b"\x00 ")
    if not told or not set(told) <= set(b"01234567"):
        return False
    return int(told, 8) == sum(header) - sum(header[148:156]) + 8 * 32


def _name_text(head: bytes) -> Format | None:
    text = _as_text(head).lstrip("\ufeff \t\r\n\x00").replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("<"):
        return _name_markup(text.lower())
    return next((found for pattern, found in _TEXTS if pattern.match(text)), None)


def _name_markup(text: str) -> Format | None:
    """What begins with a tag, by the tags that follow."""
    if 'progid="excel.sheet"' in text or ("office:spreadsheet" in text and re.search(r"<(?:\w+:)?workbook[\s>]", text)):
        return _XML_2003
    if "<office:document" in text:
        return _FLAT_ODS
    if _HTML_TAG.search(text):
        return _HTML
    return _XML if _XML_BEGINS.match(text) else None


def _as_text(head: bytes) -> str:
    """Enough of a text to know its kind: signs of ASCII, whatever encoding they are in."""
    decoders: tuple[tuple[bytes, Callable[[], str]], ...] = (
        (codecs.BOM_UTF16_LE, lambda: head.decode("utf-16-le", errors="replace")),
        (codecs.BOM_UTF16_BE, lambda: head.decode("utf-16-be", errors="replace")),
    )
    known = next((decode for bom, decode in decoders if head.startswith(bom)), None)
    if known:
        return known()
    if head[1:20:2].count(0) > 7:
        return head.decode("utf-16-le", errors="replace")
    if head[0:20:2].count(0) > 7:
        return head.decode("utf-16-be", errors="replace")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
