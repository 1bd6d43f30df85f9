"""Files of other formats under a known name are refused by that name, with the way out (exports §2)."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from ingestion.formats import name_format
from ingestion.refusal import Refusal
from ingestion.unpack import unpack
from tests.unit.ingestion.kit import ROWS, write_csv
from tests.unit.ingestion.test_unpack import make_zip

CSV = write_csv("utilisations").encode()
HEADER, LINE = (line.split(";") for line in CSV.decode().splitlines())
_TABLE = "<table>" + "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in (HEADER, LINE)) + "</table>"
_SHEET_2003 = (
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table><Row>'
    + "".join(f"<Cell><Data>{h}</Data></Cell>" for h in HEADER)
    + "</Row></Table></Worksheet></Workbook>"
)
_ROWS = [dict(zip(HEADER, LINE, strict=True))]


def _tar(old: bool = False) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        info = tarfile.TarInfo("utilisations.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV))
    if not old:
        return out.getvalue()
    # the tar of Unix version 7: no mark, the sum of the header only
    head = bytearray(out.getvalue()[:512])
    head[257:265] = bytes(8)
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + out.getvalue()[512:]


def _compound(part: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + part.encode("utf-16-le") + bytes(600)


def _ods(kind: str) -> bytes:
    return make_zip({"mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(), "content.xml": b"<a/>"})


FORMATS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page": (lambda: f"<html><body>{_TABLE}</body></html>".encode(), "page web"),
    "a page with a document type": (lambda: f"\n<!DOCTYPE html>\n<html>{_TABLE}</html>".encode(), "page web"),
    "a page of Excel, with its XML": (
        lambda: (
            '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><xml><x:ExcelWorkbook/></xml></head>'
            f"{_TABLE}</html>"
        ).encode(),
        "page web",
    ),
    "a bare table": (lambda: _TABLE.encode("utf-16"), "page web"),
    "a page in upper case after a comment": (
        lambda: f"\ufeff<!-- Généré --><HTML>{_TABLE}</HTML>".encode(),
        "page web",
    ),
    "XML Spreadsheet 2003": (
        lambda: f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n{_SHEET_2003}'.encode(),
        "XML 2003",
    ),
    "XML Spreadsheet 2003 with a prefix": (
        lambda: (
            _SHEET_2003.replace("<Workbook xmlns=", "<ss:Workbook xmlns:ss=").replace("</Workbook", "</ss:Workbook")
        ).encode("utf-16"),
        "XML 2003",
    ),
    "XML": (lambda: b'<?xml version="1.0"?><lignes><ligne/></lignes>', "fichier XML"),
    "a flat ODS": (lambda: b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis"/>', ".fods"),
    "JSON": (lambda: json.dumps(_ROWS, indent=2).encode(), "JSON"),
    "JSON of columns": (lambda: json.dumps({"lignes": _ROWS}).encode("utf-8-sig"), "JSON"),
    "JSON of lists": (lambda: json.dumps([HEADER, LINE]).encode("utf-16"), "JSON"),
    "one JSON a line": (lambda: (json.dumps(_ROWS[0]) + "\n").encode() * 3, "JSON"),
    "MHT": (
        lambda: (
            b"From: <Saved by Blink>\r\nSubject: Export\r\n suite\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/related;\r\n\r\n" + _TABLE.encode()
        ),
        "MHT",
    ),
    "SYLK": (lambda: b'ID;PWXL;N;E\r\nP;PGeneral\r\nF;P0;DG0G8\r\nB;Y2;X2\r\nC;Y1;X1;K"id"\r\nE\r\n', "SYLK"),
    "SYLK of LibreOffice": (lambda: b'ID;PSCALC3\nB;X2;Y2\nC;X1;Y1;K"id"\nE\n', "SYLK"),
    "DIF": (lambda: b'TABLE\n0,1\n"EXCEL"\nVECTORS\n0,2\n""\n', "DIF"),
    "SQL": (lambda: b"-- dump\nSET NAMES utf8;\nINSERT INTO u VALUES (1);\n", "SQL"),
    "XLS": (lambda: _compound("Workbook"), ".xls"),
    "XLS of 1995": (lambda: _compound("Book"), ".xls"),
    "XLS without container": (lambda: bytes.fromhex("09040600000010000000") + bytes(50), ".xls"),
    "XLSX with a password": (lambda: _compound("EncryptedPackage"), "mot de passe"),
    "DOC": (lambda: _compound("WordDocument"), "Word"),
    "MSG": (lambda: _compound("__properties_version1.0"), "Outlook"),
    "XLSB": (lambda: make_zip({"[Content_Types].xml": b"<a/>", "xl/workbook.bin": b"x"}), ".xlsb"),
    "ODS": (lambda: _ods("spreadsheet"), ".ods"),
    "ODT": (lambda: _ods("text"), "OpenDocument"),
    "DOCX": (lambda: make_zip({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"}), "Word"),
    "Numbers": (lambda: make_zip({"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "Numbers"),
    "PDF": (lambda: b"\n\n%PDF-1.7\n%\xe2\xe3\n1 0 obj", "PDF"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(40), "7z"),
    "RAR": (lambda: b"Rar!\x1a\x07\x01\x00" + bytes(40), "RAR"),
    "tar": (_tar, "archive tar"),
    "an old tar": (lambda: _tar(old=True), "archive tar"),
    "tar.gz": (lambda: gzip.compress(_tar()), "tar.gz"),
    "an old tar.gz": (lambda: gzip.compress(_tar(old=True)), "tar.gz"),
    "bz2": (lambda: bz2.compress(CSV), "bzip2"),
    "tar.bz2": (lambda: bz2.compress(_tar(), 3), "bzip2"),
    "xz": (lambda: lzma.compress(CSV), "xz"),
    "lzma": (lambda: lzma.compress(CSV, format=lzma.FORMAT_ALONE), "LZMA"),
    "zst": (lambda: b"\x28\xb5\x2f\xfd\x24" + bytes(40), "Zstandard"),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(CSV)), "deux fois"),
    "a page in gzip": (lambda: gzip.compress(_TABLE.encode()), "page web"),
    "Parquet": (lambda: b"PAR1\x15\x04" + bytes(40), "Parquet"),
    "SQLite": (lambda: b"SQLite format 3\x00" + bytes(40), "SQLite"),
    "PGP": (lambda: b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n", "chiffré"),
}


def _refusal(data: bytes, name: str = "utilisations_2022-01-31.csv") -> Refusal:
    try:
        (member,) = unpack(name, data)
    except Refusal as refusal:
        return refusal
    assert member.refusal is not None, "not refused"
    return member.refusal


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_of_another_format_is_refused_by_its_name_with_the_way_out(kind: str) -> None:
    make, word = FORMATS[kind]
    refusal = _refusal(make())
    assert (refusal.reason, word in refusal.explanation) == ("unreadable", True), refusal.explanation
    assert refusal.remedy


@pytest.mark.parametrize("kind", ["a page", "JSON", "XLS", "bz2", "ODS", "tar.gz"])
def test_in_an_archive_that_member_alone_is_refused(kind: str) -> None:
    make, word = FORMATS[kind]
    archive = make_zip({"a.csv": CSV, "b.csv": make()})
    good, bad = unpack("z_2022-01-31.zip", archive)
    assert good.refusal is None
    assert bad.refusal is not None and word in bad.refusal.explanation


@pytest.mark.parametrize("dataset", ROWS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_export_is_taken_for_no_other_format(dataset: str, encoding: str) -> None:
    assert name_format(write_csv(dataset).encode(encoding)) is None
    assert name_format(write_csv(dataset).upper().replace(";", ",").encode(encoding)) is None


@pytest.mark.parametrize(
    "begins",
    ["ID;PIVOT;NOM\nC;X1;Y1\n", "[Export du 30/11/2022]\n", "<vide>;a;b\n1;2;3\n", "TABLE;a\n0,1;2\n", "PAR1;b\n",
     "{reçu} 30/11;a\n", "Select;a;b\n", "BZh;a\n", "Table des utilisations\n0,1\n", "Objet : export;a\n"],
)  # fmt: skip
def test_a_text_that_begins_like_another_format_is_still_a_table(begins: str) -> None:
    """`ID;P…` is the famous one: Excel takes it for SYLK."""
    assert name_format((begins + "x;y;z\n" * 3).encode()) is None


def test_a_zip_of_files_in_folders_of_common_names_is_an_archive() -> None:
    archive = make_zip({"word/a.csv": CSV, "mimetypes/b.csv": CSV + b"\n"})
    assert [m.refusal for m in unpack("z_2022-01-31.zip", archive)] == [None, None]
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None
