"""The bytes of one file, held in memory or, where they are many, mapped from a file of ours the system reads as needed.

Whoever reads them knows of neither: what differs between `bytes` and a mapped file is here. Does not live here: which
file (landing), what its bytes say (decode, unpack).
"""

from __future__ import annotations

import errno
import hashlib
import io
import mmap
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, overload
from uuid import uuid4

from ingestion import limits
from storage.atomic import PARTIAL_SUFFIX
from storage.ordinary import is_ordinary

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
COPY_BYTES = 8 * 1024**2
SLICE_BYTES = 16 * 1024**2


class Mapped:
    """A part of a mapped file, read as bytes are: its length, its slices (bytes), what is found in it."""

    def __init__(self, pages: mmap.mmap, start: int, end: int) -> None:
        self._pages, self._start, self._end = pages, start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> bytes: ...
    def __getitem__(self, place: int | slice) -> int | bytes:
        if isinstance(place, int):
            return self._pages[self._start + range(len(self))[place]]
        start, end, _ = place.indices(len(self))
        return self._pages[self._start + start : self._start + max(start, end)]

    def find(self, sought: bytes, start: int = 0, end: int | None = None) -> int:
        """As `bytes.find`."""
        found = self._pages.find(sought, *self._bounds(start, end))
        return found - self._start if found >= 0 else -1

    def rfind(self, sought: bytes, start: int = 0, end: int | None = None) -> int:
        """As `bytes.rfind`."""
        found = self._pages.rfind(sought, *self._bounds(start, end))
        return found - self._start if found >= 0 else -1

    def _bounds(self, start: int, end: int | None) -> tuple[int, int]:
        first, last, _ = slice(start, end).indices(len(self))
        return self._start + first, self._start + max(first, last)

    def part(self, start: int, end: int) -> Mapped:
        """What stands from `start` to `end`, mapped as well."""
        return Mapped(self._pages, self._start + start, self._start + end)


Content = bytes | Mapped
"""Bytes, or a file mapped to be read."""


class NotOrdinary(OSError):
    """A link, a pipe, a device, a folder, or a file with a second name (hard link): nothing of ours to read or move."""


NOT_ORDINARY = "ce n’est pas un fichier ordinaire (lien, tube, ou fichier à plusieurs noms) : déposez une copie"


@dataclass(frozen=True)
class Taken:
    """The bytes of a file that was dropped, and their SHA-256. `copy`: where they are kept, where they are mapped."""

    data: Content
    sha256: str
    copy: Path | None = None

    def let_go(self) -> None:
        """Remove the copy; where it was put elsewhere, it stays there."""
        if self.copy is not None:
            self.copy.unlink(missing_ok=True)


def open_ordinary(path: Path, *, through_links: bool = False) -> io.BufferedReader:
    """An ordinary file, opened without following a link nor waiting for a pipe, judged once open.

    `through_links`: of a file that a person names, links and other names are theirs to give. Raises NotOrdinary.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if through_links else os.O_NOFOLLOW))
    stream: io.BufferedReader = io.BufferedReader(io.FileIO(handle))
    status = os.fstat(handle)
    if not (stat.S_ISREG(status.st_mode) if through_links else is_ordinary(status)):
        stream.close()
        raise NotOrdinary(NOT_ORDINARY)
    return stream


def read_ordinary(path: Path) -> bytes:
    """The bytes of a small ordinary file (`open_ordinary`)."""
    with open_ordinary(path) as stream:
        return stream.read()


def take(path: Path, folder: Path) -> Taken:
    """The bytes of a file that others may still change: held, or copied first into `folder`, where nobody writes.

    A mapped file that somebody cuts short would end the process. The copy is a partial one, cleaned after a kill.
    Raises NotOrdinary, OSError.
    """
    with open_ordinary(path) as stream:
        if os.fstat(stream.fileno()).st_size <= limits.HELD_BYTES:
            data = stream.read()
            return Taken(data, hashlib.sha256(data).hexdigest())
        copy = folder / f".{uuid4().hex}{PARTIAL_SUFFIX}"
        digest = hashlib.sha256()
        try:
            with copy.open("xb") as out:
                copy.chmod(0o600)
                while piece := stream.read(COPY_BYTES):
                    digest.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            with copy.open("rb") as kept:
                return Taken(mapped(kept), digest.hexdigest(), copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise


def read_in_place(path: Path, *, through_links: bool = False) -> Content:
    """The bytes of a file that nobody is writing: an original of the archive, a file that a person has checked.

    Raises NotOrdinary, OSError.
    """
    with open_ordinary(path, through_links=through_links) as stream:
        size = os.fstat(stream.fileno()).st_size
        return stream.read() if size <= limits.HELD_BYTES else mapped(stream)


def mapped(stream: IO[bytes]) -> Content:
    """A file on the disk, mapped to be read; it may be closed, or lose its name, meanwhile."""
    if stream.writable():
        stream.flush()
    size = os.fstat(stream.fileno()).st_size
    return Mapped(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), 0, size) if size else b""


def part(data: Content, start: int, end: int) -> Content:
    """What stands from `start` to `end`; of a mapped file nothing is read."""
    return data[start:end] if isinstance(data, bytes) else data.part(start, end)


def spool(folder: Path | None) -> IO[bytes]:
    """A file without a name in `folder` (None: the system's folder of temporary files): it ends with the process."""
    return tempfile.TemporaryFile(dir=folder)


def hash_ordinary(path: Path) -> str:
    """The SHA-256 of an ordinary file, never held whole. Raises NotOrdinary, OSError."""
    with open_ordinary(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_content(data: Content) -> str:
    """The SHA-256 of the bytes."""
    digest = hashlib.sha256()
    for piece in slices(data):
        digest.update(piece)
    return digest.hexdigest()


def as_stream(data: Content) -> IO[bytes]:
    """The bytes as a file to read from its beginning."""
    return io.BytesIO(data) if isinstance(data, bytes) else io.BufferedReader(_Reader(data), COPY_BYTES)


class _Reader(io.RawIOBase):
    """A mapped file read from a place of its own: several read it at once."""

    def __init__(self, data: Mapped) -> None:
        self._data = data
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: len(self._data)}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._data[self._place : self._place + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def slices(data: Content, size: int = SLICE_BYTES) -> Iterator[bytes]:
    """The bytes in order, cut behind a line end wherever one is found; the whole at once where it is held."""
    if isinstance(data, bytes):
        yield data
        return
    start = 0
    while start < len(data):
        end = min(start + size, len(data))
        if end < len(data):
            end = data.rfind(b"\n", start, end) + 1 or end
        yield data[start:end]
        start = end


def bare_length(data: Content, ends: bytes) -> int:
    """How many bytes are left once those of `ends` are taken off the end."""
    end = len(data)
    while end:
        start = max(0, end - SLICE_BYTES)
        bare = data[start:end].rstrip(ends)
        if bare:
            return start + len(bare)
        end = start
    return 0
