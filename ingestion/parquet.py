"""How a frame becomes a Parquet file of the lake. Does not live here: which files a folder of the lake holds (lake)."""

from __future__ import annotations

import io
import os
import re
from functools import lru_cache
from pathlib import Path

import polars as pl


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write `frame` to `path`. Polars tells a full disk as a ComputeError: here it is an OSError, with its number."""
    if frame.is_empty():
        # most files have no reject and no issue
        path.write_bytes(_empty_parquet(tuple(frame.schema.items())))
        return
    try:
        frame.write_parquet(path, compression="zstd", compression_level=1)
    except pl.exceptions.PolarsError as error:
        number = re.search(r"os error ([0-9]+)", str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1])), str(path)) from error


@lru_cache(maxsize=64)
def _empty_parquet(columns: tuple[tuple[str, pl.DataType], ...]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(schema=dict(columns)).write_parquet(buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()
