"""How frames become a Parquet file of the lake, and are read again.

Does not live here: which files a folder of the lake holds (lake).
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path

import polars as pl

PART_LINES = 1_000_000
"""Lines of a file of the lake that are held at once where all of them are read."""


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path`. Polars tells a full disk as a ComputeError: here it is an OSError, with its number.

    It says no number of the last bytes, which it writes otherwise.
    """
    if frame.is_empty():
        # most files have no reject and no issue
        path.write_bytes(_empty_parquet(tuple(frame.schema.items())))
        return
    try:
        frame.write_parquet(path, compression="zstd", compression_level=1)
    except pl.exceptions.PolarsError as error:
        number = re.search(r"os error ([0-9]+)", str(error))
        if number is None and "transport error" not in str(error):
            raise
        code = int(number[1]) if number else errno.ENOSPC
        raise OSError(code, os.strerror(code), str(path)) from error


def write_parts(parts: Iterable[pl.DataFrame], path: Path) -> bool:
    """Write the parts of one table, end to end, to `path`; no more than one is held. False, and no file, without any.

    Raises OSError.
    """
    coming = iter(parts)
    first = next(coming, None)
    if first is None:
        return False
    second = next(coming, None)
    if second is None:
        write_parquet(first, path)
        return True
    # Here, not above: hardly any file is read in parts, and every run would wait for it.
    from pyarrow.parquet import ParquetWriter

    told = (part.to_arrow(compat_level=pl.CompatLevel.oldest()) for part in chain((first, second), coming))
    table = next(told)
    with ParquetWriter(path, table.schema, compression="zstd", compression_level=1) as writer:
        for part in chain((table,), told):
            writer.write_table(part)
    return True


def read_parts(path: Path) -> Iterator[pl.DataFrame]:
    """A Parquet file of the lake in the order of its lines, PART_LINES at a time; an empty one is one empty frame."""
    lines = pl.scan_parquet(path, glob=False)
    for start in range(0, max(1, lines.select(pl.len()).collect().item()), PART_LINES):
        yield lines.slice(start, PART_LINES).collect()


@lru_cache(maxsize=64)
def _empty_parquet(columns: tuple[tuple[str, pl.DataType], ...]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(schema=dict(columns)).write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()
