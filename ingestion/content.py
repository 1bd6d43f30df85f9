"""The bytes of one file, held in memory or, where they are many, read from the disk as they are asked for.

Whoever reads them knows of neither: what differs between `bytes` and a file is here. Does not live here: which
file (landing), what its bytes say (decode, unpack).
"""

from __future__ import annotations

import errno
import hashlib
import io
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
NEAR_BYTES = 64 * 1024


class Changed(OSError):
    """A file that became shorter while it was read: somebody is writing it."""


class OnDisk:
    """A part of a file, read from the disk as bytes are: its length, its slices (bytes), what is found in it.

    Read by its own calls, never mapped: a mapped file that somebody cuts short ends the process without a word.
    """

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._start, self._end = file, start, end

    def __len__(self) -> int:
        return self._end - self._start

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> bytes: ...
    def __getitem__(self, place: int | slice) -> int | bytes:
        if isinstance(place, int):
            at = range(len(self))[place]
            return self._read(at, at + 1)[0]
        start, end, _ = place.indices(len(self))
        return self._read(start, max(start, end))

    def find(self, sought: bytes, start: int = 0, end: int | None = None) -> int:
        """As `bytes.find`."""
        first, last, _ = slice(start, end).indices(len(self))
        for at in range(first, last, SLICE_BYTES):
            found = self._read(at, min(at + SLICE_BYTES + len(sought) - 1, last)).find(sought)
            if found >= 0:
                return at + found
        return -1

    def rfind(self, sought: bytes, start: int = 0, end: int | None = None) -> int:
        """As `bytes.rfind`; what is sought, a few bytes, is looked for near the end first."""
        first, last, _ = slice(start, end).indices(len(self))
        size = NEAR_BYTES
        while last > first:
            at = max(first, last - size)
            found = self._read(at, last).rfind(sought)
            if found >= 0:
                return at + found
            last, size = (at + len(sought) - 1 if at > first else first), SLICE_BYTES
        return -1

    def part(self, start: int, end: int) -> OnDisk:
        """What stands from `start` to `end`; nothing is read."""
        return OnDisk(self._file, self._start + start, self._start + end)

    def _read(self, start: int, end: int) -> bytes:
        pieces, at = [], self._start + start
        while at < self._start + end:
            piece = os.pread(self._file.fileno(), self._start + end - at, at)
            if not piece:
                raise Changed("il est devenu plus court pendant sa lecture : attendez qu’il soit entier")
            pieces.append(piece)
            at += len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


Content = bytes | OnDisk
"""Bytes, or a file of the disk that reads as they do."""


class NotOrdinary(OSError):
    """A link, a pipe, a device, a folder, or a file with a second name (hard link): nothing of ours to read or move."""


NOT_ORDINARY = "ce n’est pas un fichier ordinaire (lien, tube, ou fichier à plusieurs noms) : déposez une copie"


@dataclass(frozen=True)
class Taken:
    """The bytes of a file that was dropped, and their SHA-256. `copy`: where they are kept, where they are not held."""

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

    Its sum and its lines are then those of the same bytes. The copy is a partial one, cleaned after a kill.
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
                return Taken(on_disk(kept), digest.hexdigest(), copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise


def read_in_place(path: Path, *, through_links: bool = False) -> Content:
    """The bytes of a file that nobody is writing: an original of the archive, a file that a person has checked.

    Raises NotOrdinary, OSError.
    """
    with open_ordinary(path, through_links=through_links) as stream:
        size = os.fstat(stream.fileno()).st_size
        return stream.read() if size <= limits.HELD_BYTES else on_disk(stream)


def on_disk(stream: IO[bytes]) -> Content:
    """A file on the disk, to be read as bytes; it may be closed, or lose its name, meanwhile."""
    if stream.writable():
        stream.flush()
    size = os.fstat(stream.fileno()).st_size
    return OnDisk(open(os.dup(stream.fileno()), "rb", buffering=0), 0, size) if size else b""  # noqa: PTH123


def part(data: Content, start: int, end: int) -> Content:
    """What stands from `start` to `end`; of a file on the disk nothing is read."""
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
    """A file read from a place of its own: several read it at once."""

    def __init__(self, data: OnDisk) -> None:
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


def slices(data: Content, *, whole_lines: bool = False) -> Iterator[bytes]:
    """The bytes in order, cut behind a line end wherever one is found; the whole at once where it is held.

    `whole_lines`: behind a line feed and nowhere else, however long a line is.
    """
    if isinstance(data, bytes):
        yield data
        return
    start = 0
    while start < len(data):
        end = min(start + SLICE_BYTES, len(data))
        if end < len(data):
            cut = data.rfind(b"\n", start, end)
            if cut < 0 and whole_lines:
                cut = data.find(b"\n", end)
                end = len(data) if cut < 0 else end
            elif cut < 0:
                cut = data.rfind(b"\r", start, end)
            end = cut + 1 or end
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
