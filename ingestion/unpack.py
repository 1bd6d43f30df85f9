"""A file of the landing folder → the tables it holds: plain, gzip, ZIP of several, or XLSX.

Nothing is ever written under a name found in an archive. Does not live here: reading text (decode) or sheets
(sheet).
"""

from __future__ import annotations

import gzip
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from ingestion import limits
from ingestion.archive_errors import DAMAGED_ARCHIVE
from ingestion.content import FULL_DISK, Content, as_stream, hash_content, on_disk, spool
from ingestion.formats import CONTENT_TYPES, name_format, name_inside_gzip, name_zip
from ingestion.refusal import Refusal, too_large, unreadable
from presentation.plain_text import plain_name

READ_BYTES = 4 * 1024**2
IGNORED_PREFIXES = (".", "~$")
IGNORED_SUFFIXES = (".part", ".tmp", ".filepart")
SIDECAR_SUFFIX = ".sha256"
_SUM = r"(?P<sum>[0-9a-fA-F]{64})"
_SUM_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"\s*\\?{_SUM}(?:\s+\*?(?P<name>.*))?$",  # sha256sum, or alone
        rf"\s*SHA(?:2-)?256\s*\((?P<name>.*)\)\s*=\s*{_SUM}\s*$",  # BSD, openssl
        rf"\s*Hash\s*:\s*{_SUM}\s*$",  # PowerShell, a property a line
        rf"\s*SHA256\s+{_SUM}\s+(?P<name>.*)$",  # PowerShell, a table
    )
)
_REDO = "Refaites l’archive, ou déposez les fichiers tels quels, sans les compresser."


@dataclass(frozen=True)
class Member:
    """One table to read. `name` as delivered (`archive.zip/member.csv`), masked where it holds somebody's mail, phone,
    address or NIR; `sha256` is the file's identity; `folder`: where what is too large to be held may be written.
    """

    name: str
    data: Content
    sha256: str
    kind: Literal["text", "xlsx"]
    refusal: Refusal | None = None
    folder: Path | None = None


def is_left_alone(name: str) -> bool:
    """Names of files still being written or not meant for us (exports §5)."""
    return name.startswith(IGNORED_PREFIXES) or name.lower().endswith(IGNORED_SUFFIXES)


def unpack(name: str, data: Content, sha256: str | None = None, folder: Path | None = None) -> Iterator[Member]:
    """The tables of a file, one at a time. Raises Refusal for a broken archive, before any member is given.

    `sha256`: that of `data`, where it is known already. `folder`: where a member too large to be held is written
    (content.spool).
    """
    from ingestion.personal_text import mask_name  # imports Polars, which a run with nothing new does without

    name = mask_name(name)
    if not _is_zip(data) or _is_workbook(data):
        yield _one(name, data, sha256 or hash_content(data), folder)
        return
    archive = _check_archive(data)
    sums = _read_sidecars(archive)
    for info in _members(archive):
        content = _read(archive, info, folder)
        inside = safe_name(info.filename)
        shown = f"{name}/{mask_name(inside)}"
        digest = hash_content(content)
        refusal = check_sidecar(inside, digest, sums.get(info.filename))
        if refusal is not None:
            yield Member(shown, content, digest, "text", refusal)
        else:
            yield _one(shown, content, digest, folder)


def safe_name(name: str) -> str:
    """A name found in an archive, without path tricks or control characters."""
    parts = [p for p in PurePosixPath(name.replace("\\", "/")).parts if p not in ("/", "..", ".")]
    return plain_name(re.sub(r"[\x00-\x1f\x7f:]", "_", "/".join(parts))) or "sans-nom"


def parse_sidecar(data: bytes, name: str) -> str | None:
    """The SHA-256 that a `.sha256` tells of a file; None where it tells none, or several.

    Alone, or one line a file, as sha256sum, BSD and openssl write them, or PowerShell's Get-FileHash. Where several
    files are told, the one of that name; one told alone is this file's, whatever name it had then.
    """
    found = [_read_sum(line) for line in _decode_sidecar(data).splitlines()]
    sums = [pair for pair in found if pair is not None]
    own = PurePosixPath(name).name
    named = {digest for digest, told in sums if told is not None and re.split(r"[\\/]", told.strip())[-1] == own}
    digests = named or ({digest for digest, _ in sums} if len(sums) == 1 else set())
    return digests.pop() if len(digests) == 1 else None


def _decode_sidecar(data: bytes) -> str:
    """PowerShell writes UTF-16 with its mark."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _read_sum(line: str) -> tuple[str, str | None] | None:
    """The SHA-256 of a line, and the name beside it."""
    match = next((m for m in (form.match(line) for form in _SUM_FORMS) if m), None)
    if match is None:
        return None
    parts = match.groupdict()
    return parts["sum"].lower(), parts.get("name")


def check_sidecar(name: str, digest: str, sidecar: bytes | None) -> Refusal | None:
    """The refusal of a file that is not the one its `.sha256` describes (None: it has none, or it is that one)."""
    if sidecar is None:
        return None
    from ingestion.personal_text import mask_name

    expected = parse_sidecar(sidecar, name)
    beside = f"{mask_name(PurePosixPath(name).name)}{SIDECAR_SUFFIX}"
    if expected is None:
        return unreadable(
            f"Empreinte illisible : {beside} ne contient pas l’empreinte SHA-256 de ce fichier, ou en contient "
            "plusieurs. Le fichier n’est pas en cause, mais il n’a pas pu être vérifié.",
            "Refaites cette empreinte (une ligne : l’empreinte de 64 caractères, puis le nom du fichier), ou redéposez "
            "le fichier sans elle.",
        )
    if expected == digest:
        return None
    return unreadable(
        f"L’empreinte du fichier ne correspond pas à celle de {beside} : le transfert l’a abîmé, ou l’empreinte est "
        "celle d’un autre fichier.",
        "Transférez de nouveau le fichier et son empreinte.",
    )


def _one(name: str, data: Content, digest: str, folder: Path | None) -> Member:
    """A table, its gzip layer removed; what is wrong with it is carried, so that the others go on."""
    try:
        is_compressed = data[:2] == b"\x1f\x8b"
        if is_compressed:
            data = _gunzip(data, folder)
        if _is_zip(data):
            if not _is_workbook(data):
                raise unreadable("Une archive se trouve dans l’archive.", "Déposez les fichiers sans les imbriquer.")
            if len(data) > limits.MAX_WORKBOOK_BYTES:
                raise too_large()
            return Member(name, data, digest, "xlsx")
        other = name_inside_gzip(data) if is_compressed else name_format(data)
        if other is not None:
            raise other.refuse()
    except Refusal as refusal:
        return Member(name, data, digest, "text", refusal)
    return Member(name, data, digest, "text", folder=folder)


def _gunzip(data: Content, folder: Path | None) -> Content:
    """The content of a gzip file, read through once before any of it is kept: a bomb never is."""
    total = 0
    try:
        with gzip.GzipFile(fileobj=as_stream(data)) as stream:
            while chunk := stream.read(READ_BYTES):
                total += len(chunk)
                _refuse_bomb(total, len(data), limits.MAX_FILE_BYTES)
        with gzip.GzipFile(fileobj=as_stream(data)) as stream:
            return _keep(stream, total, folder)
    except DAMAGED_ARCHIVE as error:
        if isinstance(error, OSError) and error.errno in FULL_DISK:
            raise
        raise unreadable("Le fichier compressé (.gz) est abîmé ou incomplet.", _REDO) from error
    except MemoryError as error:
        raise too_large() from error


def _keep(stream: gzip.GzipFile | IO[bytes], size: int, folder: Path | None) -> Content:
    """What a compressed file holds: in memory, or in a file of ours where it is `size` bytes and these are many."""
    if size <= limits.HELD_BYTES:
        return stream.read()
    with spool(folder) as out:
        shutil.copyfileobj(stream, out, READ_BYTES)
        return on_disk(out)


def _is_zip(data: Content) -> bool:
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def _is_workbook(data: Content) -> bool:
    """An XLSX, which is opened elsewhere; any other document in a ZIP is refused as what it is."""
    try:
        archive = zipfile.ZipFile(as_stream(data))
        names = {name.replace("\\", "/").lstrip("/") for name in archive.namelist()}
        other = name_zip(archive, names)
    except DAMAGED_ARCHIVE:
        return False
    if other is not None:
        raise other.refuse()
    return CONTENT_TYPES in names or "xl/workbook.xml" in names


def _check_archive(data: Content) -> zipfile.ZipFile:
    """Open a ZIP and read it through once, member by member: broken, locked and bombs are refused whole."""
    try:
        archive = zipfile.ZipFile(as_stream(data))
        infos = archive.infolist()
        if len(infos) > limits.MAX_ARCHIVE_MEMBERS:
            raise unreadable(
                f"L’archive contient plus de {limits.MAX_ARCHIVE_MEMBERS} fichiers.",
                "Répartissez les fichiers en plusieurs archives.",
            )
        if any(info.flag_bits & 1 for info in infos):
            raise unreadable("L’archive est protégée par un mot de passe.", "Refaites-la sans mot de passe.")
        total = 0
        for info in infos:
            with archive.open(info) as stream:
                size = 0
                while chunk := stream.read(READ_BYTES):
                    size += len(chunk)
                    total += len(chunk)
                    _refuse_bomb(size, info.compress_size, limits.MAX_FILE_BYTES)
                    _refuse_bomb(total, len(data), limits.MAX_ARCHIVE_BYTES)
    except DAMAGED_ARCHIVE as error:
        raise unreadable("L’archive ZIP est abîmée ou incomplète.", _REDO) from error
    if not _members(archive):
        raise unreadable("L’archive ne contient aucun fichier.", _REDO)
    return archive


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path | None = None) -> Content:
    try:
        with archive.open(info) as stream:
            return _keep(stream, info.file_size, folder)
    except MemoryError as error:
        raise too_large() from error


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    def is_kept(info: zipfile.ZipInfo) -> bool:
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        return (
            bool(parts)
            and not info.is_dir()
            and "__MACOSX" not in parts
            and not is_left_alone(parts[-1])
            and not parts[-1].lower().endswith(SIDECAR_SUFFIX)
        )

    return [info for info in archive.infolist() if is_kept(info)]


def _read_sidecars(archive: zipfile.ZipFile) -> dict[str, bytes]:
    sums = {}
    for info in archive.infolist():
        if info.filename.lower().endswith(SIDECAR_SUFFIX) and info.file_size < READ_BYTES:
            sums[info.filename[: -len(SIDECAR_SUFFIX)]] = archive.read(info)
    return sums


def _refuse_bomb(size: int, compressed: int, limit: int) -> None:
    is_bomb = size > limits.RATIO_APPLIES_ABOVE_BYTES and size > compressed * limits.MAX_COMPRESSION_RATIO
    if is_bomb or size > limit:
        raise unreadable(
            "Le fichier compressé est démesurément grand une fois ouvert : il n’est pas lu.",
            "Déposez le fichier sans compression, ou découpez-le en plusieurs fichiers.",
        )
