"""Files and folders written aside, flushed, then renamed: a reader, or a kill at any instant, never sees a half.

Does not live here: who may write (the locks of each home), what is written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

#: Ends the name of what is still being written, which begins with a dot.
PARTIAL_SUFFIX = ".part"
#: Ends the name of a folder that is being replaced, from the moment it leaves its place.
_OLD_SUFFIX = ".old"


def fsync_path(path: Path) -> None:
    """Flush a file or a folder to the disk, so that a rename after it never publishes an empty file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync_paths(paths: Iterable[Path]) -> None:
    """`fsync_path` of several, at the same time: the disk writes together what is asked together."""
    list(_flushing().map(fsync_path, paths))


@cache
def _flushing() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="fsync")


def write_atomically(
    path: Path, data: bytes | Iterable[bytes], mode: int = 0o600, *, flush_folder: bool = True
) -> None:
    """Write beside, flush, rename: the file is there whole or not at all. Its folder is made where it is missing.

    `data`: whole, or piece by piece. `flush_folder` False: the caller flushes it, once for all that it writes there,
    before it counts on any of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name[:100]}.{os.getpid()}{PARTIAL_SUFFIX}")
    try:
        # Made here and nowhere else: neither through a link put under that name, nor into a file others hold open.
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as stream:
            stream.writelines((data,) if isinstance(data, bytes) else data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    if flush_folder:
        fsync_path(path.parent)


def move_atomically(source: Path, target: Path) -> None:
    """Put the file `source` in the place of `target`, from another disk too: `target` is the old one or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}{PARTIAL_SUFFIX}")
    shutil.move(source, aside)
    fsync_path(aside)
    aside.replace(target)
    fsync_path(target.parent)


def link_atomically(link: Path, target: Path) -> None:
    """Make `link` a relative symbolic link to `target`, in one step where it led elsewhere."""
    aside = link.with_name(f".{link.name}.{os.getpid()}{PARTIAL_SUFFIX}")
    aside.unlink(missing_ok=True)
    try:
        aside.symlink_to(os.path.relpath(target, link.parent))
        aside.replace(link)
    finally:
        aside.unlink(missing_ok=True)
    fsync_path(link.parent)


@contextlib.contextmanager
def folder_atomically(folder: Path, *, replace: bool = False) -> Iterator[Path]:
    """An empty folder to fill; it becomes `folder`, flushed, when the block ends; nothing of it stays when it raises.

    `replace`: where there is one already, the new one takes its place; else OSError when it holds anything.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}{PARTIAL_SUFFIX}")
    aside.mkdir()
    old = aside.with_suffix(_OLD_SUFFIX)
    try:
        yield aside
        for path in aside.rglob("*"):
            fsync_path(path)
        if replace and folder.is_dir():
            folder.replace(old)
        aside.replace(folder)
        fsync_path(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def remove_left_overs(folder: Path, name: str = "*") -> None:
    """Remove what a killed process was writing for `name` in `folder`; nobody reads it. Under the lock only.

    A folder that was being replaced, and whose place is empty, takes it again: what comes after may fail.
    """
    for old in folder.glob(f".{name}{_OLD_SUFFIX}"):
        place = folder / old.name[1 : -len(".01234567" + _OLD_SUFFIX)]
        if not place.exists():
            old.replace(place)
    for partial in [*folder.glob(f".{name}{PARTIAL_SUFFIX}"), *folder.glob(f".{name}{_OLD_SUFFIX}")]:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)
